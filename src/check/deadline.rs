use crate::check::bulletin::CheckedBulletin;
use crate::check::entry::Checker;
use crate::diagnostic::{Code, Problem};
use crate::model::{Deadline, DeadlineAt};
use crate::source::Span;
use crate::syntax::ast::{self, BulletinMember, DeadlineBase, DeadlineKind};
use crate::time::later_by;

impl<'a> Checker<'a> {
    /// None where it is not known when that is.
    pub(super) fn deadline(
        &mut self,
        deadline: &'a ast::Deadline,
        bulletin: Option<&CheckedBulletin>,
    ) -> Option<Deadline> {
        let at = match &deadline.kind {
            DeadlineKind::Moment(expression) => DeadlineAt::Moment(self.moment(expression)?),
            DeadlineKind::After { length, base } => match base.value {
                DeadlineBase::Start => DeadlineAt::AfterStart(length.value),
                DeadlineBase::Released => {
                    let bulletin = bulletin?;
                    let released_at = bulletin.bulletin.released_at;
                    if released_at.is_none() {
                        self.report_unreleased(bulletin, base.span);
                    }
                    DeadlineAt::Moment(later_by(released_at?, length.value))
                }
            },
        };
        Some(Deadline { at, span: deadline.span })
    }

    /// Silent where the release is said and has a fault of its own.
    fn report_unreleased(&mut self, bulletin: &CheckedBulletin, place: Span) {
        let name = bulletin.bulletin.name.as_str();
        let Some(definition) = self.names.bulletins.get(name) else { return };
        let is_said = definition.value.members.iter().any(|member| matches!(member, BulletinMember::Released(_)));
        let (bulletin_place, whole) = (definition.value.name.span, definition.span);
        if is_said || self.is_unclear(whole) {
            return;
        }
        let problem = Problem::error(Code::MEMBER_MISSING, format!("nobody says when `{name}` was released"))
            .label(place, "the deadline counts from it")
            .label(bulletin_place, "`released` is missing")
            .help("say it in the bulletin: `released 2007-05-08 17:00 UTC`; or count `after start`");
        self.report(problem);
    }
}
