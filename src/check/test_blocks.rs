// A test says a scenario and what must come of it: each of its sentences is held against the rollout that it tries.

use crate::check::claims::Claimable;
use crate::check::entry::Checker;
use crate::check::names::{Definition, Sort, list};
use crate::check::once::{Once, Owner};
use crate::check::runbook::CheckedRunbook;
use crate::check::teams::CheckedTeams;
use crate::diagnostic::{Code, Problem};
use crate::inventory::HostSet;
use crate::model::{By, Draw, Expectation, Test};
use crate::source::Span;
use crate::syntax::ast::{self, At, Name, TestMember};

/// The rollout that is tried.
pub(super) struct Tried<'c, 'a> {
    pub(super) claimable: &'c Claimable<'c, 'a>,
    /// None where it is not sound.
    pub(super) runbook: Option<&'c CheckedRunbook>,
    pub(super) teams: &'c CheckedTeams,
}

/// More would be no test any more, but a search: `explore` is for that.
const MOST_FAILURES: u64 = 10;

impl<'a> Checker<'a> {
    /// Each test tries one rollout: the one that it names, or the only one.
    pub(super) fn check_test_plans(&mut self) {
        let all: Vec<_> = self.names.tests.values().copied().collect();
        for test in all {
            match plan_of(test.value) {
                Some(name) => drop(self.find(Sort::Rollout, name, |names| &names.rollouts)),
                None => self.check_tries_the_only_one(test),
            }
        }
    }

    fn check_tries_the_only_one(&mut self, test: Definition<'a, ast::Test>) {
        let rollouts: Vec<&str> = self.names.rollouts.keys().copied().collect();
        if rollouts.len() == 1 || self.is_unclear(test.span) || !self.names.bad.is_empty() {
            return;
        }
        let name = &test.value.name;
        let problem =
            Problem::error(Code::MEMBER_MISSING, format!("the test `{}` does not say what it tries", name.text));
        self.report(match rollouts.as_slice() {
            [] => problem.label(name.span, "there is no rollout").help("write one: `rollout NAME { … }`"),
            all => problem.label(name.span, "there are several rollouts").help(format!(
                "name one of {}: `plan {}`",
                list(all.iter(), all.len()),
                all[0]
            )),
        });
    }

    /// The tests of a rollout, as far as they are sound.
    pub(super) fn check_tests(&mut self, rollout: &Name, tried: &Tried<'_, 'a>) -> Vec<Test> {
        let is_only = self.names.rollouts.len() == 1;
        let all: Vec<_> = self.names.tests.values().copied().collect();
        let is_of_it = |test: &Definition<'a, ast::Test>| match plan_of(test.value) {
            Some(name) => name.text == rollout.text,
            None => is_only,
        };
        all.into_iter().filter(is_of_it).filter_map(|test| self.check_test(test, rollout, tried)).collect()
    }

    fn check_test(
        &mut self,
        definition: Definition<'a, ast::Test>,
        rollout: &Name,
        tried: &Tried<'_, 'a>,
    ) -> Option<Test> {
        let name = &definition.value.name;
        let mut plan = Once::new("plan");
        let mut start = Once::new("start");
        let mut fleet = Once::new("fleet");
        let mut any_fleet = Once::new("for any fleet");
        let mut any_failures = Once::new("for any … failures");
        let mut givens = Vec::new();
        let mut expectations = Vec::new();
        for member in &definition.value.members {
            match member {
                TestMember::Plan(name) => plan.set(self, (), name.span),
                TestMember::Start(expression) => start.set(self, expression, expression.span),
                TestMember::Fleet { hosts, span } => fleet.set(self, hosts, *span),
                TestMember::AnyFleet { fewest, most, span } => any_fleet.set(self, (fewest, most), *span),
                TestMember::AnyFailures { count, span } => any_failures.set(self, count, *span),
                TestMember::Given(given) => givens.push(given),
                TestMember::Expect(expect) => expectations.push(expect),
            }
        }
        if expectations.is_empty() {
            let owner = Owner::new("test", name, definition.span);
            self.report_missing_member("expect", &owner, "expect rollout done");
        }
        if let (Some(fleet), Some(drawn)) = (fleet.span(), any_fleet.span()) {
            self.report_fleet_twice(fleet, drawn);
        }
        let starts_at = start.get().map(|start| self.moment(start));
        let fleet = fleet.get().map(|hosts| self.only_hosts(hosts));
        let draw = self.draw(any_fleet.get(), any_failures.get());
        let givens: Vec<_> = givens.into_iter().map(|given| self.given(given, tried)).collect();
        let expectations: Vec<_> =
            expectations.into_iter().map(|expect| self.expectation(expect, tried.claimable)).collect();
        if self.is_unclear(definition.span) {
            return None;
        }
        Some(Test {
            name: name.text.clone(),
            rollout: rollout.text.clone(),
            starts_at: all_or_none(starts_at)?,
            fleet: all_or_none(fleet)?,
            draw: draw?,
            givens: givens.into_iter().collect::<Option<_>>()?,
            expectations: expectations.into_iter().collect::<Option<_>>()?,
            span: definition.span,
            name_span: name.span,
        })
    }

    fn report_fleet_twice(&mut self, fleet: Span, drawn: Span) {
        let problem = Problem::error(Code::MEMBERS_CLASH, "the hosts of this test are named, and drawn by lot too")
            .label(fleet, "these hosts alone")
            .label(drawn, "hosts drawn by lot")
            .help("keep one of them");
        self.report(problem);
    }

    fn only_hosts(&mut self, names: &[At<String>]) -> Option<HostSet> {
        let found: Vec<Option<HostSet>> = names.iter().map(|name| self.host_by_name(name)).collect();
        let found: Option<Vec<HostSet>> = found.into_iter().collect();
        found?.into_iter().reduce(|all, one| all.or(&one))
    }

    /// None where something of it has a fault.
    fn draw(&mut self, fleet: Option<(&At<u64>, &At<u64>)>, failures: Option<&At<u64>>) -> Option<Option<Draw>> {
        let mut is_sound = true;
        for count in fleet.into_iter().flat_map(|(fewest, most)| [fewest, most]).chain(failures) {
            if count.value == 0 {
                self.report_zero(count.span);
                is_sound = false;
            }
        }
        if let Some((fewest, most)) = fleet
            && fewest.value > most.value
        {
            let problem = Problem::error(Code::BAD_VALUE, "no fleet has at least so many hosts, and at most fewer")
                .label(fewest.span, "at least")
                .label(most.span, "at most")
                .help(format!("write `fleet of {} to {} hosts`", most.value, fewest.value));
            self.report(problem);
            is_sound = false;
        }
        if let Some(failures) = failures
            && failures.value > MOST_FAILURES
        {
            let problem = Problem::error(Code::BAD_VALUE, format!("at most {MOST_FAILURES} failures are drawn"))
                .label(failures.span, "more than that")
                .help("a rollout that bears a few bears many: `sunup explore` looks at every outcome");
            self.report(problem);
            is_sound = false;
        }
        if !is_sound {
            return None;
        }
        let hosts = fleet.map(|(fewest, most)| (fewest.value, most.value));
        let failures = failures.map_or(0, |failures| failures.value);
        Some((hosts.is_some() || failures > 0).then_some(Draw { hosts, failures }))
    }

    fn expectation(&mut self, expect: &'a ast::Expect, of: &Claimable<'_, 'a>) -> Option<Expectation> {
        let claim = self.claim(&expect.claim, of);
        let by = match &expect.by {
            None => None,
            Some(ast::By::Moment(expression)) => Some(By::Moment(self.moment(expression)?)),
            Some(ast::By::Within(length)) => Some(By::Within(length.value)),
        };
        Some(Expectation { claim: claim?, by, span: expect.span })
    }

    /// In the order of the files.
    pub(super) fn sorted_tests(&mut self) -> Vec<Test> {
        let mut tests = std::mem::take(&mut self.tests);
        tests.sort_by_key(|test| (test.span.file, test.span.start));
        tests
    }
}

fn plan_of(test: &ast::Test) -> Option<&Name> {
    test.members.iter().find_map(|member| match member {
        TestMember::Plan(name) => Some(name),
        _ => None,
    })
}

/// None where it is said and not sound.
fn all_or_none<T>(said: Option<Option<T>>) -> Option<Option<T>> {
    match said {
        None => Some(None),
        Some(found) => found.map(Some),
    }
}
