use crate::inventory::column::Column;
use crate::inventory::dictionary::CellKind;
use crate::inventory::selector::glob::Glob;
use crate::inventory::selector::mask::{MOST_RUNS, Mask, Run};
use crate::inventory::selector::scalar::Scalar;
use crate::inventory::{Comparison, FieldId, FieldType, Fleet, HostId, HostSet, Operand, Selector, Value};

/// Turns a selector into a mask over the codes of one fleet. What depends on one field is worked out once for each of
/// its distinct values, not for each host.
pub(crate) struct Compiler<'a> {
    fleet: &'a Fleet,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(fleet: &'a Fleet) -> Self {
        Self { fleet }
    }

    /// The mask of the hosts for which the selector is `wanted`: true, or false. By De Morgan's laws, which hold with three
    /// values too, a `not` turns `wanted` round and goes away.
    pub(crate) fn compile(&self, selector: &Selector, wanted: bool) -> Mask<'a> {
        match selector {
            Selector::Constant(truth) => constant(*truth == wanted),
            Selector::Not(inner) => self.compile(inner, !wanted),
            Selector::And(parts) if wanted => self.and(parts, wanted),
            Selector::Or(parts) if !wanted => self.and(parts, wanted),
            Selector::And(parts) | Selector::Or(parts) => self.or(parts, wanted),
            Selector::Compare { left, comparison, right } => self.compare(left, *comparison, right, wanted),
            Selector::In { field, values } => self.one_of(*field, values, wanted),
            Selector::Holds { field, text } => self.holds(*field, text, wanted),
            Selector::Matches { field, pattern } => self.matches(*field, pattern, wanted),
            Selector::Missing(field) => self.missing(*field, wanted),
            Selector::True(field) => self.by_value(*field, wanted, |value| match value {
                Scalar::Bool(truth) => Some(*truth),
                _ => None,
            }),
            Selector::InGroup(group) => set(&self.fleet.group_hosts(*group), wanted),
            Selector::Set(hosts) => set(hosts, wanted),
        }
    }

    fn and(&self, parts: &[Selector], wanted: bool) -> Mask<'a> {
        let mut masks: Vec<Mask<'a>> = Vec::new();
        for part in parts {
            match self.compile(part, wanted) {
                Mask::All => {}
                Mask::Nothing => return Mask::Nothing,
                Mask::And(inner) => masks.extend(inner),
                mask => masks.push(mask),
            }
        }
        // The costly ones last, when few hosts are still in question.
        masks.sort_by_key(cost);
        match masks.len() {
            0 => Mask::All,
            1 => masks.remove(0),
            _ => Mask::And(masks),
        }
    }

    fn or(&self, parts: &[Selector], wanted: bool) -> Mask<'a> {
        let mut masks: Vec<Mask<'a>> = Vec::new();
        for part in parts {
            match self.compile(part, wanted) {
                Mask::Nothing => {}
                Mask::All => return Mask::All,
                Mask::Or(inner) => masks.extend(inner),
                mask => masks.push(mask),
            }
        }
        match masks.len() {
            0 => Mask::Nothing,
            1 => masks.remove(0),
            _ => Mask::Or(masks),
        }
    }

    fn compare(&self, left: &Operand, comparison: Comparison, right: &Operand, wanted: bool) -> Mask<'a> {
        match (left, right) {
            (Operand::Field(field), Operand::Constant(value)) => {
                return self.compare_with_constant(*field, comparison, value, wanted);
            }
            (Operand::Constant(value), Operand::Field(field)) => {
                return self.compare_with_constant(*field, turned_round(comparison), value, wanted);
            }
            _ => {}
        }
        let mut fields = Vec::new();
        collect_fields(left, &mut fields);
        collect_fields(right, &mut fields);
        let compare = |values: &Lookup<'_, 'a>| {
            let (left, right) = (evaluate(left, values)?, evaluate(right, values)?);
            left.compare(comparison, &right)
        };
        match fields.as_slice() {
            [] => constant(compare(&|_| None) == Some(wanted)),
            [field] => self.by_value(*field, wanted, |value| compare(&|_| Some(value.clone()))),
            _ => self.by_row(wanted, |host| compare(&|field| self.scalar(host, field))),
        }
    }

    fn compare_with_constant(&self, field: FieldId, comparison: Comparison, value: &Value, wanted: bool) -> Mask<'a> {
        let Some(column) = self.fleet.column(field) else { return Mask::Nothing };
        let constant = Scalar::of_value(value);
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        match (column.field_type, value) {
            (FieldType::Text, Value::Text(text)) if is_equality => {
                let found = self.code_of(field, column, text).map(|code| Run { first: code, last: code });
                let is_in = (comparison == Comparison::Equal) == wanted;
                from_runs(column, if is_in { found.into_iter().collect() } else { outside(column, found.as_slice()) })
            }
            (FieldType::Text | FieldType::List, _) => {
                self.by_value(field, wanted, |value| value.compare(comparison, &constant))
            }
            _ => match ordered_run(column, comparison, &constant) {
                Some(runs) if wanted => from_runs(column, runs),
                Some(runs) => from_runs(column, outside(column, &runs)),
                None => Mask::Nothing,
            },
        }
    }

    /// The code of a text of a text field: by the index of names, or by a walk over the dictionary.
    fn code_of(&self, field: FieldId, column: &Column, text: &str) -> Option<u32> {
        if field.0 as usize == self.fleet.name_column {
            return self.fleet.names.find(&column.dictionary, text, CellKind::Plain);
        }
        column.dictionary.search(text)
    }

    fn one_of(&self, field: FieldId, values: &[Value], wanted: bool) -> Mask<'a> {
        let constants: Vec<Scalar<'_>> = values.iter().map(Scalar::of_value).collect();
        self.by_value(field, wanted, |value| {
            // As the `or` of the comparisons: true beats unknown, unknown beats false.
            let mut answers = constants.iter().map(|constant| value.compare(Comparison::Equal, constant));
            if answers.clone().any(|answer| answer == Some(true)) {
                return Some(true);
            }
            answers.all(|answer| answer.is_some()).then_some(false)
        })
    }

    fn holds(&self, field: FieldId, text: &str, wanted: bool) -> Mask<'a> {
        self.by_value(field, wanted, |value| match value {
            Scalar::List(elements) => Some(elements.contains(&text)),
            Scalar::Text(whole) => Some(*whole == text),
            _ => None,
        })
    }

    fn matches(&self, field: FieldId, pattern: &str, wanted: bool) -> Mask<'a> {
        let Some(column) = self.fleet.column(field) else { return Mask::Nothing };
        let glob = Glob::new(pattern);
        match column.field_type {
            FieldType::List => {
                by_code(column, |code| Some(column.lists.texts(code).any(|text| glob.matches(text)) == wanted))
            }
            _ if column.dictionary.len() > self.fleet.len() / 4 => Mask::Text { column, glob, wanted },
            _ => by_code(column, |code| Some(glob.matches(column.dictionary.text(code)) == wanted)),
        }
    }

    fn missing(&self, field: FieldId, wanted: bool) -> Mask<'a> {
        let Some(column) = self.fleet.column(field) else { return constant(wanted) };
        let last = column.dictionary.len() as u32;
        let run = if wanted { Run { first: 0, last: 0 } } else { Run { first: 1, last: last.max(1) } };
        Mask::Runs { codes: &column.codes, runs: vec![run] }
    }

    fn by_value(&self, field: FieldId, wanted: bool, truth: impl Fn(&Scalar<'a>) -> Option<bool>) -> Mask<'a> {
        let Some(column) = self.fleet.column(field) else { return Mask::Nothing };
        by_code(column, |code| Some(truth(&Scalar::of_code(column, code)?)? == wanted))
    }

    fn by_row(&self, wanted: bool, truth: impl Fn(HostId) -> Option<bool>) -> Mask<'a> {
        let mut hosts = HostSet::none(self.fleet.len());
        self.fleet.hosts().filter(|&host| truth(host) == Some(wanted)).for_each(|host| hosts.insert(host));
        Mask::Set(hosts.bits())
    }

    fn scalar(&self, host: HostId, field: FieldId) -> Option<Scalar<'a>> {
        let column = self.fleet.column(field)?;
        Scalar::of_code(column, column.codes.get(host.0 as usize))
    }
}

type Lookup<'v, 'a> = dyn Fn(FieldId) -> Option<Scalar<'a>> + 'v;

fn evaluate<'s, 'a: 's>(operand: &'s Operand, values: &Lookup<'_, 'a>) -> Option<Scalar<'s>> {
    let both = |left, right| Some((evaluate(left, values)?, evaluate(right, values)?));
    match operand {
        Operand::Field(field) => values(*field),
        Operand::Constant(value) => Some(Scalar::of_value(value)),
        Operand::Add(left, right) => both(left, right)
            .and_then(|(left, right)| left.arithmetic(right, i64::checked_add, |left, right| left + right)),
        Operand::Subtract(left, right) => both(left, right)
            .and_then(|(left, right)| left.arithmetic(right, i64::checked_sub, |left, right| left - right)),
        Operand::Multiply(left, right) => both(left, right)
            .and_then(|(left, right)| left.arithmetic(right, i64::checked_mul, |left, right| left * right)),
        // Half of 7 is 3.5: a division is always decimal.
        Operand::Divide(left, right) => {
            both(left, right).and_then(|(left, right)| left.arithmetic(right, |_, _| None, |left, right| left / right))
        }
    }
}

fn collect_fields(operand: &Operand, fields: &mut Vec<FieldId>) {
    match operand {
        Operand::Field(field) if fields.contains(field) => {}
        Operand::Field(field) => fields.push(*field),
        Operand::Constant(_) => {}
        Operand::Add(left, right)
        | Operand::Subtract(left, right)
        | Operand::Multiply(left, right)
        | Operand::Divide(left, right) => {
            collect_fields(left, fields);
            collect_fields(right, fields);
        }
    }
}

fn turned_round(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

/// The codes that compare so with the constant, in a column whose dictionary is in order; none where the types do not
/// compare.
fn ordered_run(column: &Column, comparison: Comparison, constant: &Scalar<'_>) -> Option<Vec<Run>> {
    let last = column.dictionary.len() as u32;
    let order = |code: u32| Scalar::of_code(column, code)?.order(constant);
    if last > 0 {
        order(1)?;
    }
    let below = partition(last, |code| order(code).is_some_and(|order| order.is_lt()));
    let up_to = partition(last, |code| order(code).is_some_and(|order| order.is_le()));
    let run = |first: u32, last: u32| (first <= last).then_some(Run { first, last });
    let runs = match comparison {
        Comparison::Equal => [run(below + 1, up_to), None],
        Comparison::NotEqual => [run(1, below), run(up_to + 1, last)],
        Comparison::Less => [run(1, below), None],
        Comparison::LessOrEqual => [run(1, up_to), None],
        Comparison::Greater => [run(up_to + 1, last), None],
        Comparison::GreaterOrEqual => [run(below + 1, last), None],
    };
    Some(runs.into_iter().flatten().collect())
}

/// How many codes, from one, come before the first for which it is false.
fn partition(last: u32, is_before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0, last);
    while low < high {
        let middle = low + (high - low) / 2 + 1;
        if is_before(middle) { low = middle } else { high = middle - 1 }
    }
    low
}

/// The codes of a column that lie in none of these runs, which are in order. A missing cell is in none.
fn outside(column: &Column, runs: &[Run]) -> Vec<Run> {
    let (mut outside, mut next) = (Vec::new(), 1);
    for run in runs {
        if next < run.first {
            outside.push(Run { first: next, last: run.first - 1 });
        }
        next = run.last + 1;
    }
    let last = column.dictionary.len() as u32;
    if next <= last {
        outside.push(Run { first: next, last });
    }
    outside
}

fn by_code<'a>(column: &'a Column, is_in: impl Fn(u32) -> Option<bool>) -> Mask<'a> {
    let mut runs: Vec<Run> = Vec::new();
    for code in (1..=column.dictionary.len() as u32).filter(|&code| is_in(code) == Some(true)) {
        match runs.last_mut() {
            Some(run) if run.last + 1 == code => run.last = code,
            _ => runs.push(Run { first: code, last: code }),
        }
    }
    from_runs(column, runs)
}

fn from_runs(column: &Column, runs: Vec<Run>) -> Mask<'_> {
    if runs.is_empty() {
        return Mask::Nothing;
    }
    if runs.len() <= MOST_RUNS {
        return Mask::Runs { codes: &column.codes, runs };
    }
    let mut table = vec![0; column.dictionary.len() + 1];
    for run in runs {
        // INVARIANT: runs hold codes of this dictionary.
        table[run.first as usize..=run.last as usize].fill(1);
    }
    Mask::Table { codes: &column.codes, table }
}

fn set<'a>(hosts: &HostSet, wanted: bool) -> Mask<'a> {
    Mask::Set(if wanted { hosts.bits() } else { hosts.complement().bits() })
}

fn constant<'a>(truth: bool) -> Mask<'a> {
    if truth { Mask::All } else { Mask::Nothing }
}

fn cost(mask: &Mask<'_>) -> usize {
    match mask {
        Mask::All | Mask::Nothing => 0,
        Mask::Set(_) => 1,
        Mask::Runs { runs, .. } => 1 + runs.len(),
        Mask::Table { .. } => 10,
        Mask::And(parts) | Mask::Or(parts) => 10 + parts.iter().map(cost).sum::<usize>(),
        Mask::Text { .. } => 1_000,
    }
}
