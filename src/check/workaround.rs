use crate::check::bulletin::CheckedBulletin;
use crate::check::command::{WORKAROUND_SUBJECTS, package_scope};
use crate::check::entry::Checker;
use crate::check::names::{Definition, Sort};
use crate::check::once::{Once, Owner};
use crate::check::runbook::PackageCommand;
use crate::check::selector::Asking;
use crate::check::term::Scope;
use crate::check::used::Used;
use crate::inventory::HostSet;
use crate::model::{Bulletin, Command, Package, Workaround};
use crate::source::Span;
use crate::syntax::ast::{self, WorkaroundMember};

/// A stopgap for a bulletin.
#[derive(Debug, Clone)]
pub(super) struct CheckedWorkaround {
    /// The bulletin that makes it needless.
    pub(super) bulletin: String,
    /// Those that have it.
    pub(super) hosts: HostSet,
    pub(super) install: Command,
    pub(super) uninstall: Command,
    verify: Option<Command>,
    /// What its commands need of its hosts.
    pub(super) uses: Vec<Used>,
    /// Where it says who has it.
    pub(super) hosts_span: Span,
    pub(super) name_span: Span,
    span: Span,
}

impl CheckedWorkaround {
    pub(super) fn as_model(&self, name: &str) -> Workaround {
        Workaround { name: name.to_owned(), hosts: self.hosts.clone(), span: self.span }
    }

    /// As a rollout applies it: a bulletin with one package.
    pub(super) fn as_bulletin(&self, name: &str) -> CheckedBulletin {
        let package = Package {
            name: name.to_owned(),
            hosts: self.hosts.clone(),
            install: Some(self.install.clone()),
            uninstall: Some(self.uninstall.clone()),
            verify: self.verify.clone(),
            severity: None,
            span: self.span,
        };
        let bulletin = Bulletin {
            name: name.to_owned(),
            title: None,
            severity: None,
            released_at: None,
            packages: vec![package],
            span: self.span,
        };
        let mut has = vec![PackageCommand::Install, PackageCommand::Uninstall];
        has.extend(self.verify.is_some().then_some(PackageCommand::Verify));
        CheckedBulletin::of_one_package(bulletin, self.uses.clone(), has, self.name_span)
    }
}

impl<'a> Checker<'a> {
    /// None where it has a fault.
    pub(super) fn check_workaround(
        &mut self,
        definition: Definition<'a, ast::Workaround>,
    ) -> Option<CheckedWorkaround> {
        let workaround = definition.value;
        let owner = Owner::new("workaround", &workaround.name, definition.span);
        let mut bulletin = Once::new("for");
        let mut hosts = Once::new("hosts");
        let mut install = Once::new("install");
        let mut uninstall = Once::new("uninstall");
        let mut verify = Once::new("verify");
        for member in &workaround.members {
            match member {
                WorkaroundMember::For(name) => bulletin.set(self, name, name.span),
                WorkaroundMember::Hosts(expression) => hosts.set(self, expression, expression.span),
                WorkaroundMember::Install(command) => install.set(self, command, command.span()),
                WorkaroundMember::Uninstall(command) => uninstall.set(self, command, command.span()),
                WorkaroundMember::Verify(command) => verify.set(self, command, command.span()),
            }
        }
        let bulletin = bulletin.required(self, &owner, "for MS07-029");
        let hosts = hosts.required(self, &owner, "hosts role == \"dns\"");
        let install = install.required(self, &owner, "install \"reg add …\"");
        let uninstall = uninstall.required(self, &owner, "uninstall \"reg delete …\"");
        let known = bulletin.map(|name| self.find(Sort::Bulletin, name, |names| &names.bulletins).is_some());
        let selected = hosts.map(|hosts| self.select(hosts, Asking::HOSTS, None));
        let mut uses = Vec::new();
        let install = install.map(|command| self.workaround_line(command, &mut uses));
        let uninstall = uninstall.map(|command| self.workaround_line(command, &mut uses));
        let verify = verify.get().map(|command| self.workaround_line(command, &mut uses));
        if known != Some(true) || self.is_unclear(definition.span) {
            return None;
        }
        Some(CheckedWorkaround {
            bulletin: bulletin?.text.clone(),
            hosts: selected??,
            install: install??,
            uninstall: uninstall??,
            verify: match verify {
                None => None,
                Some(verify) => Some(verify?),
            },
            uses,
            hosts_span: hosts?.span,
            name_span: workaround.name.span,
            span: definition.span,
        })
    }

    /// A bare name is a field of the host. There is no package to speak of: of a `lift` it would be the bulletin's.
    fn workaround_line(&mut self, command: &'a ast::Command, uses: &mut Vec<Used>) -> Option<Command> {
        let scope = Scope { subjects: WORKAROUND_SUBJECTS, ..package_scope() };
        let line = self.only_line(command, &scope)?;
        uses.extend(line.uses);
        Some(line.value)
    }
}
