use crate::check::command::step_scope;
use crate::check::entry::{Checker, Origin};
use crate::check::names::{Definition, Sort, defined_twice};
use crate::check::once::{Once, Owner};
use crate::check::term::Scope;
use crate::check::used::Used;
use crate::diagnostic::{Code, Problem};
use crate::model::{Action, Retry, Step, Undo, Wait, Workaround, WorkaroundId};
use crate::source::Span;
use crate::syntax::ast::{self, At, Expression, ExpressionKind, Name, StepMember};
use crate::time::Duration;

/// A runbook, and what it needs of the hosts and of their packages.
#[derive(Debug, Clone)]
pub(super) struct CheckedRunbook {
    pub(super) steps: Vec<Step>,
    pub(super) uses: Vec<Used>,
    pub(super) package_commands: Vec<(PackageCommand, Span)>,
    /// The names of all steps, of those with a fault too.
    pub(super) step_names: Vec<String>,
    /// The steps that cannot be undone: the index, and where that is said.
    pub(super) final_steps: Vec<(usize, Span)>,
    /// The workarounds that steps lift, in the order of the steps.
    pub(super) workarounds: Vec<Workaround>,
    /// Where each of them is lifted.
    pub(super) lifted_at: Vec<Span>,
    /// Where a new last step can be written; none where nobody can write there, as in a module of the library.
    pub(super) end: Option<Span>,
    pub(super) is_sound: bool,
}

/// A command that a package has to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PackageCommand {
    Install,
    Uninstall,
    Verify,
}

impl PackageCommand {
    pub(super) fn word(self) -> &'static str {
        match self {
            PackageCommand::Install => "install",
            PackageCommand::Uninstall => "uninstall",
            PackageCommand::Verify => "verify",
        }
    }
}

const DEFAULT_TAKES: Duration = Duration::from_minutes(1);
const DEFAULT_TIMEOUT: Duration = Duration::from_minutes(60);
const DEFAULT_PAUSE: Duration = Duration::from_seconds(30);

impl<'a> Checker<'a> {
    pub(super) fn check_runbook(&mut self, definition: Definition<'a, ast::Runbook>) -> Option<CheckedRunbook> {
        let runbook = definition.value;
        if runbook.steps.is_empty() {
            let owner = Owner::new("runbook", &runbook.name, definition.span);
            self.report_missing_member("step", &owner, "step install { run package.install  undo package.uninstall }");
            return None;
        }
        let mut checked = CheckedRunbook {
            steps: Vec::new(),
            uses: Vec::new(),
            package_commands: Vec::new(),
            step_names: Vec::new(),
            final_steps: Vec::new(),
            workarounds: Vec::new(),
            lifted_at: Vec::new(),
            end: end_of(definition),
            is_sound: !self.is_unclear(definition.span),
        };
        for (idx, step) in runbook.steps.iter().enumerate() {
            checked.is_sound &= self.check_step_name(&step.name, &runbook.steps[..idx]);
            checked.is_sound &= self.check_ahead(step, &runbook.steps[..idx]);
            match self.check_step(step, &mut checked) {
                Some(step) => checked.steps.push(step),
                None => checked.is_sound = false,
            }
            checked.step_names.push(step.name.text.clone());
        }
        Some(checked)
    }

    fn check_step_name(&mut self, name: &Name, earlier: &[ast::Step]) -> bool {
        let first = earlier.iter().find(|step| step.name.text == name.text);
        if let Some(first) = first {
            self.report(defined_twice("step", &first.name, Origin::Own, name));
        }
        first.is_none()
    }

    fn check_step(&mut self, step: &'a ast::Step, checked: &mut CheckedRunbook) -> Option<Step> {
        let owner = Owner::new("step", &step.name, step.span);
        let mut run = Once::new("run");
        let mut undo = Once::new("undo");
        let mut verify = Once::new("verify");
        let mut takes = Once::new("takes");
        let mut fails = Once::new("fails");
        let mut timeout = Once::new("timeout");
        let mut retry = Once::new("retry");
        let mut down = Once::new("down");
        let mut ahead = Once::new("ahead");
        let mut lift = Once::new("lift");
        for member in &step.members {
            match member {
                StepMember::Run(found) => run.set(self, found, found.span),
                StepMember::Undo(found) => undo.set(self, found, undo_span(found)),
                StepMember::Verify(found) => verify.set(self, found, found.span()),
                StepMember::Takes { least, most } => {
                    let span = most.as_ref().map_or(least.span, |most| least.span.to(most.span));
                    takes.set(self, (least, most.as_ref()), span);
                }
                StepMember::Fails(share) => fails.set(self, share, share.span),
                StepMember::Timeout(length) => timeout.set(self, length, length.span),
                StepMember::Retry { times, every } => retry.set(self, (times, every), times.span),
                StepMember::Down(span) => down.set(self, (), *span),
                StepMember::Ahead(span) => ahead.set(self, (), *span),
                StepMember::Lift { workaround, span } => lift.set(self, workaround, *span),
            }
        }
        let scope = step_scope();
        if let (Some(run), Some(lift)) = (run.span(), lift.span()) {
            self.report_run_and_lift(run, lift);
        }
        let lifted = lift.get().map(|name| self.lift(name, checked));
        let run = if lifted.is_some() { run.get() } else { run.required(self, &owner, "run \"program {host.name}\"") };
        let undo = undo.get();
        if undo.is_none() && lifted.is_none() {
            self.report_no_undo_said(step);
        }
        let action = run.map(|run| self.action(&run.command, &scope, checked));
        let wait = run.and_then(|run| run.wait.as_ref()).map(|wait| self.wait(wait, &scope, checked));
        let undo = undo.map(|undo| self.undo(undo, &scope, checked));
        let verify = verify.get().map(|verify| self.action(verify, &scope, checked));
        let (takes, limit) = (takes.get(), timeout.get());
        let (least, takes) = takes.map_or((None, None), |(least, most)| (most.and(Some(least)), most.or(Some(least))));
        let is_in_order = self.check_is_in_order(least, takes);
        let least = self.positive(least, DEFAULT_TAKES).map(|length| least.and(Some(length)));
        let fails = self.share(fails.get());
        // The wait is no part of the command, which alone has the limit.
        if let (Some(takes), Some(limit), true) = (takes, limit, run.is_some_and(|run| run.wait.is_none())) {
            self.check_has_time(step, takes, limit);
        }
        let takes = self.positive(takes, DEFAULT_TAKES).filter(|_| is_in_order);
        let timeout = self.positive(limit, DEFAULT_TIMEOUT.max(takes.unwrap_or(DEFAULT_TAKES) * 2));
        let retry = retry.get().map(|(times, every)| Retry {
            times: times.value,
            every: every.as_ref().map_or(DEFAULT_PAUSE, |every| every.value),
        });
        let (lifts, run, undo) = match lifted {
            Some(lifted) => {
                let Lifted { workaround, uninstall, install } = lifted?;
                (Some(workaround), uninstall, undo.unwrap_or(Some(Undo::Action(install)))?)
            }
            None => (None, action??, undo??),
        };
        Some(Step {
            name: step.name.text.clone(),
            run,
            wait: sound(wait)?,
            undo,
            verify: sound(verify)?,
            takes: takes?,
            takes_at_least: least?,
            fails: fails?,
            timeout: timeout?,
            retry: retry.unwrap_or(Retry { times: 0, every: DEFAULT_PAUSE }),
            down: down.get().is_some(),
            ahead: ahead.get().is_some(),
            lifts,
            span: step.span,
        })
    }

    /// What a step that lifts a workaround runs.
    fn lift(&mut self, name: &'a Name, checked: &mut CheckedRunbook) -> Option<Lifted> {
        self.find(Sort::Workaround, name, |names| &names.workarounds)?;
        let workaround = self.workarounds.get(name.text.as_str())?.as_ref()?;
        let known = checked.workarounds.iter().position(|known| known.name == name.text);
        if let Some(first) = known.and_then(|known| checked.lifted_at.get(known)) {
            self.report_lifted_twice(name, *first);
            return None;
        }
        checked.workarounds.push(workaround.as_model(&name.text));
        checked.lifted_at.push(name.span);
        Some(Lifted {
            workaround: WorkaroundId(checked.workarounds.len() as u32 - 1),
            uninstall: Action::Command(workaround.uninstall.clone()),
            install: Action::Command(workaround.install.clone()),
        })
    }

    fn report_lifted_twice(&mut self, name: &Name, first: Span) {
        let problem = Problem::error(Code::MEMBER_TWICE, format!("the workaround `{}` is lifted twice", name.text))
            .label(name.span, "has been taken away by then")
            .label(first, "first lifted here")
            .help("one of them has to go");
        self.report(problem);
    }

    fn report_run_and_lift(&mut self, run: Span, lift: Span) {
        let problem = Problem::error(Code::MEMBER_TWICE, "a step has a `run` or a `lift`, not both")
            .label(run, "runs this")
            .label(lift, "and runs the workaround's `uninstall`")
            .help("make two steps of it");
        self.report(problem);
    }

    /// A step that takes longer than it may would fail on every host.
    fn check_has_time(&mut self, step: &ast::Step, takes: &At<Duration>, timeout: &At<Duration>) {
        if takes.value <= timeout.value || timeout.value.is_zero() {
            return;
        }
        let message =
            format!("the step `{}` takes {}, and is given up after {}", step.name.text, takes.value, timeout.value);
        let problem = Problem::error(Code::MEMBERS_CLASH, message)
            .label(timeout.span, "may take no longer than this")
            .label(takes.span, "and usually takes this long")
            .help("give it more time than it takes, or correct `takes`");
        self.report(problem);
    }

    /// `takes 20m to 40m`, not the other way round.
    fn check_is_in_order(&mut self, least: Option<&At<Duration>>, most: Option<&At<Duration>>) -> bool {
        let (Some(least), Some(most)) = (least, most) else { return true };
        if least.value <= most.value {
            return true;
        }
        let (shorter, longer) = (most.value, least.value);
        let problem = Problem::error(Code::BAD_VALUE, format!("from {longer} to {shorter} there is no length"))
            .label(least.span, "the shorter one belongs here")
            .label(most.span, "and the longer one here: the plan counts with it")
            .help("say the shortest first, then the longest")
            .fix(
                format!("write `takes {shorter} to {longer}`"),
                least.span.to(most.span),
                format!("{shorter} to {longer}"),
            );
        self.report(problem);
        false
    }

    fn report_no_undo_said(&mut self, step: &ast::Step) {
        if self.is_unclear(step.span) {
            return;
        }
        let problem =
            Problem::error(Code::NO_UNDO_SAID, format!("the step `{}` does not say how it is undone", step.name.text))
                .label(step.name.span, "neither `undo …`, `needs no undo` nor `cannot be undone`")
                .help("say it: a rollback has to know, and so has whoever is woken at night");
        self.report(problem);
    }

    fn action(&mut self, command: &'a ast::Command, scope: &Scope<'a>, checked: &mut CheckedRunbook) -> Option<Action> {
        match command {
            ast::Command::Line { words, .. } => {
                let line = self.command_line(words, scope)?;
                checked.uses.extend(line.uses);
                Some(Action::Command(line.value))
            }
            ast::Command::Named(expression) => {
                let named = self.package_command(expression)?;
                checked.package_commands.push((named, expression.span));
                Some(match named {
                    PackageCommand::Install => Action::PackageInstall,
                    PackageCommand::Uninstall => Action::PackageUninstall,
                    PackageCommand::Verify => Action::PackageVerify,
                })
            }
        }
    }

    fn package_command(&mut self, expression: &'a Expression) -> Option<PackageCommand> {
        let field = match &expression.kind {
            ExpressionKind::Hole => return None,
            ExpressionKind::Field { base, field } if matches!(&base.kind, ExpressionKind::Name(name) if name == "package") => {
                field
            }
            _ => {
                let is_of_workaround = matches!(&expression.kind, ExpressionKind::Field { base, .. }
                    if matches!(&base.kind, ExpressionKind::Name(name) if name == "workaround"));
                let help = match is_of_workaround {
                    true => "a step that takes a workaround away says `lift` and its name in place of `run`",
                    false => "write a command in quotes, or `package.install`, `package.uninstall`, `package.verify`",
                };
                self.report_wrong_type(expression.span, "a command belongs here", help);
                return None;
            }
        };
        let all = [PackageCommand::Install, PackageCommand::Uninstall, PackageCommand::Verify];
        let found = all.into_iter().find(|command| command.word() == field.text);
        if found.is_none() {
            let problem = Problem::error(Code::UNKNOWN_NAME, format!("a package has no command `{}`", field.text));
            let problem = problem.label(field.span, "no such command");
            let near = crate::diagnostic::nearest(&field.text, all.iter().map(|command| command.word()));
            self.report(match near {
                Some(near) => {
                    problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), field.span, near)
                }
                None => problem.help("its commands are `install`, `uninstall`, `verify`"),
            });
        }
        found
    }

    fn wait(&mut self, wait: &'a ast::Wait, scope: &Scope<'a>, checked: &mut CheckedRunbook) -> Option<Wait> {
        let port = self.port(&wait.port);
        let address = self.address(&wait.address, scope)?;
        checked.uses.extend(address.uses);
        if !self.check_is_positive(Some(&wait.within)) {
            return None;
        }
        Some(Wait { address: address.value, port: port?, within: wait.within.value })
    }

    fn undo(&mut self, undo: &'a ast::Undo, scope: &Scope<'a>, checked: &mut CheckedRunbook) -> Option<Undo> {
        match undo {
            ast::Undo::Command(command) => self.action(command, scope, checked).map(Undo::Action),
            ast::Undo::NotNeeded(_) => Some(Undo::NotNeeded),
            ast::Undo::Impossible(span) => {
                checked.final_steps.push((checked.step_names.len(), *span));
                Some(Undo::Impossible)
            }
        }
    }
}

/// A workaround that a step lifts, and what that means for it.
struct Lifted {
    workaround: WorkaroundId,
    uninstall: Action,
    install: Action,
}

/// Before the brace that closes a runbook of one's own.
fn end_of(definition: Definition<ast::Runbook>) -> Option<Span> {
    let after = definition.value.steps.last()?.span.end;
    (definition.origin == Origin::Own).then_some(Span { file: definition.span.file, start: after, end: after })
}

fn undo_span(undo: &ast::Undo) -> Span {
    match undo {
        ast::Undo::Command(command) => command.span(),
        ast::Undo::NotNeeded(span) | ast::Undo::Impossible(span) => *span,
    }
}

/// What is not said is sound; what is said has to be.
fn sound<T>(member: Option<Option<T>>) -> Option<Option<T>> {
    match member {
        None => Some(None),
        Some(None) => None,
        Some(Some(value)) => Some(Some(value)),
    }
}
