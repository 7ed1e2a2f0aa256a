// A test says a scenario and what must come of it: each of its sentences is held against the rollout that it tries.

use crate::check::claims::Claimable;
use crate::check::entry::Checker;
use crate::check::names::{Definition, Sort, list};
use crate::check::once::{Once, Owner};
use crate::check::runbook::CheckedRunbook;
use crate::check::teams::CheckedTeams;
use crate::diagnostic::{Code, Problem};
use crate::model::{By, Expectation, Test};
use crate::syntax::ast::{self, Name, TestMember};

/// The rollout that is tried.
pub(super) struct Tried<'c, 'a> {
    pub(super) claimable: &'c Claimable<'c, 'a>,
    /// None where it is not sound.
    pub(super) runbook: Option<&'c CheckedRunbook>,
    pub(super) teams: &'c CheckedTeams,
}

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
        let mut givens = Vec::new();
        let mut expectations = Vec::new();
        for member in &definition.value.members {
            match member {
                TestMember::Plan(name) => plan.set(self, (), name.span),
                TestMember::Start(expression) => start.set(self, expression, expression.span),
                TestMember::Given(given) => givens.push(given),
                TestMember::Expect(expect) => expectations.push(expect),
            }
        }
        if expectations.is_empty() {
            let owner = Owner::new("test", name, definition.span);
            self.report_missing_member("expect", &owner, "expect rollout done");
        }
        let starts_at = start.get().map(|start| self.moment(start));
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
            givens: givens.into_iter().collect::<Option<_>>()?,
            expectations: expectations.into_iter().collect::<Option<_>>()?,
            span: definition.span,
            name_span: name.span,
        })
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
