/// A command line, split into arguments; values go in later and can never make two arguments of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The first is the program: it begins with a text, and the values in it hold no slash.
    pub arguments: Vec<Argument>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Text(String),
    /// The name of a value that each host (or the subject of a gate) has: `host.name`, `host.FIELD`, `region.name`,
    /// `site.name`, `package.name`, `rollout.name`, `stage.name`.
    Value(String),
}
