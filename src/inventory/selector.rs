mod compile;
mod glob;
mod mask;
mod scalar;

pub(crate) use scalar::Scalar;

use crate::inventory::selector::compile::Compiler;
use crate::inventory::{FieldId, Fleet, GroupId, HostSet, Value};

/// A condition on a host, resolved against one fleet; evaluated over whole columns. A host that lacks a field matches no
/// comparison on it, nor that comparison's `not`: `not (cores > 4)` is false where `cores` is missing.
/// (Three values: true, false, unknown; a selector picks the hosts for which it is true.) Two values whose types do not
/// compare, a sum that has no result (a division by zero) and a field of another fleet give unknown too: the checker lets
/// none of them come this far.
#[derive(Debug, Clone, PartialEq)]
pub enum Selector {
    Constant(bool),
    Compare {
        left: Operand,
        comparison: Comparison,
        right: Operand,
    },
    /// The field's value is one of these; false where there are none.
    In {
        field: FieldId,
        values: Vec<Value>,
    },
    /// `"x" in installed`: the list field holds the text; a text field holds it whole.
    Holds {
        field: FieldId,
        text: String,
    },
    /// Glob: `*`, `?`, `[a-z]`, `[!a-z]`; the whole text must match, as it is written. Of a list, one of its elements.
    Matches {
        field: FieldId,
        pattern: String,
    },
    Missing(FieldId),
    /// A boolean field by itself.
    True(FieldId),
    InGroup(GroupId),
    /// A set worked out beforehand (a region, a `let` of hosts).
    Set(HostSet),
    Not(Box<Selector>),
    And(Vec<Selector>),
    Or(Vec<Selector>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Field(FieldId),
    Constant(Value),
    Add(Box<Operand>, Box<Operand>),
    Subtract(Box<Operand>, Box<Operand>),
    Multiply(Box<Operand>, Box<Operand>),
    Divide(Box<Operand>, Box<Operand>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Selector {
    /// The hosts for which it is true.
    pub fn select(&self, fleet: &Fleet) -> HostSet {
        Compiler::new(fleet).compile(self, true).hosts(fleet.len())
    }

    /// The hosts for which it is neither true nor false, because they lack a field.
    pub fn passed_over(&self, fleet: &Fleet) -> HostSet {
        let is_false = Compiler::new(fleet).compile(self, false).hosts(fleet.len());
        self.select(fleet).or(&is_false).complement()
    }
}

#[cfg(test)]
mod tests;
