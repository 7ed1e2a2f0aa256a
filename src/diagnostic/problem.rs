use crate::diagnostic::Code;
use crate::source::Span;

/// One thing that is wrong: what, where, whom it concerns, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, the user's words in backticks, one line.
    pub message: String,
    /// The first is the main place; the others are the other ends of the conflict.
    pub labels: Vec<Label>,
    /// The hosts that cause it, in the inventory's order.
    pub hosts: Vec<String>,
    /// What to do next.
    pub help: Option<String>,
    pub fixes: Vec<Fix>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing may start.
    Error,
    /// Worth a look; it stops nothing.
    Warning,
}

/// What one place has to do with the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// A mend that a machine can apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    pub edits: Vec<Edit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub replacement: String,
}

impl Problem {
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message.into())
    }

    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message.into())
    }

    fn new(code: Code, severity: Severity, message: String) -> Self {
        Self { code, severity, message, labels: Vec::new(), hosts: Vec::new(), help: None, fixes: Vec::new() }
    }

    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    pub fn hosts<T: ToString>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        self.hosts.extend(hosts.into_iter().map(|host| host.to_string()));
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn fix(mut self, title: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        self.fixes.push(Fix { title: title.into(), edits: vec![Edit { span, replacement: replacement.into() }] });
        self
    }

    /// The same where it is certain what was meant; else the help says what may have been.
    pub fn fix_if(
        self,
        is_certain: bool,
        title: impl Into<String>,
        span: Span,
        replacement: impl Into<String>,
    ) -> Self {
        if is_certain { self.fix(title, span, replacement) } else { self }
    }

    /// Where the problem is; none for one that concerns no file.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// Every problem found so far; in order of place once [`Problems::sorted`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    pub fn push(&mut self, problem: Problem) {
        self.list.push(problem);
    }

    pub fn extend(&mut self, other: impl IntoIterator<Item = Problem>) {
        self.list.extend(other);
    }

    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|problem| problem.severity == Severity::Error)
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// In order of place, and of finding where that is the same; each only once.
    pub fn sorted(mut self) -> Self {
        self.list.sort_by_key(|problem| (problem.span(), problem.code));
        let mut kept: Vec<Problem> = Vec::with_capacity(self.list.len());
        for problem in self.list {
            let is_beside = |other: &&Problem| (other.span(), other.code) == (problem.span(), problem.code);
            if !kept.iter().rev().take_while(is_beside).any(|other| *other == problem) {
                kept.push(problem);
            }
        }
        Self { list: kept }
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<T: IntoIterator<Item = Problem>>(problems: T) -> Self {
        Self { list: problems.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_stays_once_whatever_was_found_between() {
        let problem = |message: &str| Problem::error(Code::WRONG_TYPE, message);
        let found = ["b", "a", "b", "a"].map(problem);
        let sorted = Problems::from_iter(found).sorted();
        assert_eq!(sorted.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    }
}
