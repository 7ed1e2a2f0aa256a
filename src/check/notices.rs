use crate::check::entry::Checker;
use crate::check::names::list;
use crate::check::rules::RulesAround;
use crate::diagnostic::{Code, Problem};
use crate::model::{Act, Recipient};
use crate::syntax::ast::{Action, Name, RolloutMember};

/// The word for the teams that own the regions that a notice is about.
const OWNER: &str = "owner";

impl<'a> Checker<'a> {
    /// Whom a rule tells; without those that are unknown, and each once.
    pub(super) fn notices(&mut self, recipients: &'a [Name], around: &RulesAround) -> Vec<Act> {
        let mut acts = Vec::new();
        for name in recipients {
            let recipient = match name.text.as_str() {
                OWNER => {
                    self.check_has_owners(name, around);
                    Some(Recipient::Owner)
                }
                _ => self.team(name).map(Recipient::Team),
            };
            let act = recipient.map(Act::Notify).filter(|act| !acts.contains(act));
            acts.extend(act);
        }
        acts
    }

    /// What is told to the owner of a region that has none is told to nobody.
    fn check_has_owners(&mut self, name: &Name, around: &RulesAround) {
        if !around.regions.are_sound {
            return;
        }
        let Some((touched, place)) = around.regions_touched() else { return };
        let without: Vec<&str> =
            touched.iter().filter(|region| region.owner.is_none()).map(|region| region.name.as_str()).collect();
        if without.is_empty() {
            return;
        }
        let problem = match without.len() == touched.len() {
            true => Problem::error(Code::NOTICE_TO_NOBODY, "no region of this rollout has an owner")
                .label(name.span, "tells nobody"),
            false => {
                let regions = list(without.iter(), without.len());
                let verb = if without.len() == 1 { "has" } else { "have" };
                Problem::warning(Code::NOTICE_TO_NOBODY, format!("{regions} {verb} no owner"))
                    .label(name.span, "tells nobody of what happens there")
            }
        };
        self.report(
            problem
                .label(place, "the hosts to be changed")
                .help("say who owns the regions: `owner TEAM` or `owner by FIELD`; or name a team here"),
        );
    }

    /// Whether a rule tells the team of anything.
    pub(super) fn is_notified(&self, team: &str) -> bool {
        let members = self.names.rollouts.values().flat_map(|rollout| &rollout.value.members);
        let rules = members.filter_map(|member| match member {
            RolloutMember::Rule(rule) => Some(rule),
            _ => None,
        });
        rules.flat_map(|rule| &rule.actions).any(|action| match &action.value {
            Action::Notify(recipients) => recipients.iter().any(|name| name.text == team),
            Action::Hold(_) | Action::Rollback(_) => false,
        })
    }
}
