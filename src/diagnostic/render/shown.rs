use crate::diagnostic::{Problem, Problems, Severity, harmless};

/// More than anybody reads in one go.
const MOST_PROBLEMS: usize = 100;

const MOST_HOSTS: usize = 10;

/// The problems that are shown to people, and a line about those that are not.
pub(super) fn shown(problems: &Problems) -> (impl Iterator<Item = &Problem>, Option<String>) {
    let left = problems.len().saturating_sub(MOST_PROBLEMS);
    let closing = match left {
        0 => None,
        1 => Some("and 1 more problem, not shown".to_owned()),
        _ => Some(format!("and {left} more problems, not shown")),
    };
    (problems.iter().take(MOST_PROBLEMS), closing)
}

/// `ex-syd-01, ex-syd-02 and 26 more`; none where there are no hosts.
pub(super) fn hosts(problem: &Problem) -> Option<String> {
    let names: Vec<_> = problem.hosts.iter().take(MOST_HOSTS).map(|name| harmless(name)).collect();
    let left = problem.hosts.len() - names.len();
    match (names.is_empty(), left) {
        (true, _) => None,
        (false, 0) => Some(names.join(", ")),
        (false, _) => Some(format!("{} and {left} more", names.join(", "))),
    }
}

/// `error[E0204]`
pub(super) fn kind(problem: &Problem) -> String {
    format!("{}[{}]", severity(problem.severity), problem.code)
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
