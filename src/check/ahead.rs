use crate::check::entry::Checker;
use crate::diagnostic::{Code, Problem};
use crate::source::Span;
use crate::syntax::ast::{self, Command, Expression, ExpressionKind, StepMember};

impl Checker<'_> {
    /// A step that runs ahead does so outside of windows and budgets, on all hosts of a turn at once: it comes before all
    /// others, takes no host down, and leaves workarounds where they are.
    pub(super) fn check_ahead(&mut self, step: &ast::Step, earlier: &[ast::Step]) -> bool {
        let Some(ahead) = ahead_of(step) else { return true };
        let name = &step.name.text;
        let others = step.members.iter().filter_map(|member| match member {
            StepMember::Down(span) => Some(Problem::error(
                Code::AHEAD_MISPLACED,
                format!("the step `{name}` would take hosts down outside of their window"),
            )
            .label(*span, "takes its host down")
            .label(ahead, "runs ahead: on every host of a region at once, whatever the window and the budgets")
            .help("let it run in the batch, without `ahead`; or split it in two, of which the first takes nothing down")),
            StepMember::Lift { span, .. } => Some(Problem::error(
                Code::AHEAD_MISPLACED,
                format!("the step `{name}` would lift a workaround before the batch begins"),
            )
            .label(*span, "takes the workaround away")
            .label(ahead, "runs ahead, while the bulletin is not applied")
            .help("lift it in the batch, after the bulletin is applied: without `ahead`, as the last step")),
            StepMember::Run(run) => of_package(name, ahead, &run.command),
            StepMember::Verify(command) => of_package(name, ahead, command),
            StepMember::Undo(ast::Undo::Command(command)) => of_package(name, ahead, command),
            _ => None,
        });
        let mut problems: Vec<Problem> = others.collect();
        if let Some(before) = earlier.iter().rev().find(|step| ahead_of(step).is_none()) {
            let message = format!("the step `{name}` runs ahead, and `{}` stands before it", before.name.text);
            let problem = Problem::error(Code::AHEAD_MISPLACED, message)
                .label(ahead, "before the window opens")
                .label(before.name.span, "in the batch, and first")
                .help(format!("write the steps that run ahead first, or leave `ahead` out of `{name}`"));
            problems.push(problem);
        }
        let is_sound = problems.is_empty();
        problems.into_iter().for_each(|problem| self.report(problem));
        is_sound
    }
}

fn ahead_of(step: &ast::Step) -> Option<Span> {
    step.members.iter().find_map(|member| match member {
        StepMember::Ahead(span) => Some(*span),
        _ => None,
    })
}

/// What changes what is installed does not run ahead, whatever it is called there.
fn of_package(name: &str, ahead: Span, command: &Command) -> Option<Problem> {
    let does = match package_command(command)? {
        "install" => "install",
        "uninstall" => "uninstall",
        _ => return None,
    };
    let message = format!("the step `{name}` would {does} the package before its batch begins");
    Some(
        Problem::error(Code::AHEAD_MISPLACED, message)
            .label(command.span(), "changes what is installed")
            .label(ahead, "runs ahead: on every host of a region at once, whatever the window and the gates")
            .help("let only the fetching run ahead, in a step of its own, and install in the batch"),
    )
}

/// `install` of `package.install`
fn package_command(command: &Command) -> Option<&str> {
    let Command::Named(Expression { kind: ExpressionKind::Field { base, field }, .. }) = command else { return None };
    matches!(&base.kind, ExpressionKind::Name(name) if name == "package").then_some(field.text.as_str())
}
