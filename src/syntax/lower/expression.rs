use crate::diagnostic::{Code, Problem};
use crate::source::Span;
use crate::syntax::ast::{BinaryOperator, Expression, ExpressionKind, Name, Quantifier, UnaryOperator};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::parse::MAX_DEPTH;

/// An expression and how high its tree is. The height is kept below [`MAX_HEIGHT`], so that whoever walks a tree, prints or
/// drops it may call itself for each level.
pub(super) struct Grown {
    pub expression: Expression,
    pub height: usize,
    /// A comparison without parentheses around it, which another comparison may not follow.
    is_comparison: bool,
}

/// Brackets and unary operators are limited to [`MAX_DEPTH`] before; this holds for `a.b.c`, `a + b + c` and the levels of
/// precedence within each bracket.
const MAX_HEIGHT: usize = 4 * MAX_DEPTH;

/// From here on a row of `or` or `and`, whose order does not matter, becomes a balanced tree.
const LONG_ROW: usize = 16;

impl Lowering<'_> {
    pub(in crate::syntax) fn expression(&mut self, pair: Pair<'_>) -> Expression {
        self.grown(pair).expression
    }

    pub(super) fn grown(&mut self, pair: Pair<'_>) -> Grown {
        let mut inner = pair.into_inner();
        // INVARIANT: the grammar gives an operand to every expression.
        let Some(first) = inner.next() else { return hole(self.place(0)) };
        if first.as_rule() == Rule::value && inner.peek().is_none() {
            return self.value(first);
        }
        let mut row = Row::default();
        for pair in std::iter::once(first).chain(inner) {
            self.row_part(&mut row, pair);
        }
        row.reduce(self, 0);
        match row.operands.pop() {
            Some(operand) => operand.finish(self),
            // INVARIANT: the grammar gives an operand to every expression.
            None => hole(self.place(0)),
        }
    }

    /// Precedence by two stacks rather than by calls, so that a level of brackets costs little of the machine's stack.
    fn row_part(&mut self, row: &mut Row, pair: Pair<'_>) {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::value => {
                let value = self.value(pair);
                row.operands.push(Operand::Single(value));
            }
            Rule::prefix => {
                let operator = match self.slice(span) {
                    "-" => UnaryOperator::Negate,
                    _ => UnaryOperator::Not,
                };
                row.operators.push(Operator::Prefix(operator, span));
            }
            Rule::operator => {
                let Some(operator) = Infix::of(self.slice(span)) else { return };
                row.reduce(self, operator.precedence());
                if operator.precedence() == COMPARISON {
                    row.refuse_chain(self, span);
                }
                row.operators.push(Operator::Infix(operator, span));
            }
            Rule::at_time => row.replace_last(|operand| self.at_time(operand, pair)),
            Rule::is_missing => {
                row.reduce(self, COMPARISON);
                row.refuse_chain(self, span);
                row.replace_last(|operand| self.is_missing(operand, pair));
            }
            _ => {}
        }
    }

    fn at_time(&mut self, date: Operand, pair: Pair<'_>) -> Grown {
        let date = date.finish(self);
        let mut parts = Parts::of(pair);
        let (Some(time), Some(zone)) = (parts.next(), parts.next()) else { return date };
        let time = self.value(time);
        let zone = self.name(&zone);
        let span = date.expression.span.to(zone.span);
        let height = date.height.max(time.height);
        let kind = ExpressionKind::AtTime { date: Box::new(date.expression), time: Box::new(time.expression), zone };
        self.grow(kind, span, height)
    }

    fn is_missing(&mut self, operand: Operand, pair: Pair<'_>) -> Grown {
        let operand = operand.finish(self);
        let span = operand.expression.span.to(self.span(&pair));
        let negated = Parts::of(pair).take(Rule::negated).is_some();
        let kind = ExpressionKind::IsMissing { operand: Box::new(operand.expression), negated };
        Grown { is_comparison: true, ..self.grow(kind, span, operand.height) }
    }

    /// A value and its fields, without operators.
    pub(super) fn value(&mut self, pair: Pair<'_>) -> Grown {
        let mut parts = Parts::of(pair);
        let Some(primary) = parts.next() else { return hole(self.place(0)) };
        let mut value = self.primary(primary);
        while let Some(pair) = parts.next() {
            let span = value.expression.span.to(self.span(&pair));
            let Some(field) = Parts::of(pair).next().and_then(|pair| self.label(pair)) else { continue };
            let kind = ExpressionKind::Field { base: Box::new(value.expression), field };
            value = self.grow(kind, span, value.height);
        }
        value
    }

    fn primary(&mut self, pair: Pair<'_>) -> Grown {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::name if self.is_too_deep(span) => hole(span),
            Rule::name => leaf(ExpressionKind::Name(self.slice(span).to_owned()), span),
            Rule::text => {
                let (text, height) = self.text_grown(pair);
                self.grow(ExpressionKind::Text(text), span, height)
            }
            Rule::unterminated => {
                self.unterminated(span);
                hole(span)
            }
            Rule::paren => self.paren(pair),
            Rule::list => {
                let (items, height) = self.expressions(pair.into_inner());
                self.grow(ExpressionKind::List(items), span, height)
            }
            Rule::call => self.call(pair),
            Rule::quantified => self.quantified(pair),
            Rule::hosts => {
                let condition = Parts::of(pair).take(Rule::where_clause).map(|pair| self.clause(pair));
                let height = condition.as_ref().map_or(0, |condition| condition.height);
                let condition = condition.map(|condition| Box::new(condition.expression));
                self.grow(ExpressionKind::Hosts { condition }, span, height)
            }
            _ => match self.literal(&pair) {
                Some(literal) => leaf(ExpressionKind::Literal(literal), span),
                None => hole(span),
            },
        }
    }

    /// Parentheses leave no node, but their span is the expression's, so that an edit of it takes them along.
    fn paren(&mut self, pair: Pair<'_>) -> Grown {
        let span = self.span(&pair);
        match Parts::of(pair).next() {
            Some(inner) => {
                let mut grown = self.grown(inner);
                grown.is_comparison = false;
                grown.expression.span = span;
                grown
            }
            None => hole(span),
        }
    }

    fn call(&mut self, pair: Pair<'_>) -> Grown {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let Some(function) = inner.next() else { return hole(span) };
        let function = self.name(&function);
        let (arguments, height) = self.expressions(inner);
        self.grow(ExpressionKind::Call { function, arguments }, span, height)
    }

    fn quantified(&mut self, pair: Pair<'_>) -> Grown {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let quantifier = match parts.next().map(|pair| self.written(&pair)) {
            Some("any") => Quantifier::Any,
            Some("all") => Quantifier::All,
            _ => Quantifier::Count,
        };
        let variable: Option<Name> = parts.take(Rule::variable).map(|pair| self.name(&pair));
        let Some(set) = parts.next() else { return hole(span) };
        let set_span = self.span(&set);
        let set = match set.as_rule() {
            Rule::every_host => leaf(ExpressionKind::Hosts { condition: None }, set_span),
            _ => self.grown(set),
        };
        let condition = parts.next().map(|pair| self.clause(pair));
        let height = set.height.max(condition.as_ref().map_or(0, |condition| condition.height));
        let condition = condition.map(|condition| Box::new(condition.expression));
        let set = Box::new(set.expression);
        self.grow(ExpressionKind::Quantified { quantifier, variable, set, condition }, span, height)
    }

    /// What stands after `where`.
    fn clause(&mut self, pair: Pair<'_>) -> Grown {
        let span = self.span(&pair);
        match Parts::of(pair).next() {
            Some(pair) => self.grown(pair),
            None => hole(span),
        }
    }

    /// The expressions and the height of the highest.
    fn expressions<'i>(&mut self, pairs: impl Iterator<Item = Pair<'i>>) -> (Vec<Expression>, usize) {
        let mut height = 0;
        let expressions = pairs.map(|pair| {
            let grown = self.grown(pair);
            height = height.max(grown.height);
            grown.expression
        });
        (expressions.collect(), height)
    }

    /// A node over children of this height; a hole where that would be too high.
    fn grow(&mut self, kind: ExpressionKind, span: Span, height: usize) -> Grown {
        if height < MAX_HEIGHT {
            return Grown { expression: Expression { kind, span }, height: height + 1, is_comparison: false };
        }
        self.report(
            Problem::error(Code::TOO_DEEP, "this expression has too many parts that hang on each other")
                .label(span, format!("more than {MAX_HEIGHT} levels"))
                .help("give parts of it a name with `let`"),
        );
        hole(span)
    }

    fn balanced(&mut self, operator: BinaryOperator, items: Vec<Grown>, spans: &[Span]) -> Grown {
        let mut items: Vec<Option<Grown>> = items.into_iter().map(Some).collect();
        self.half(operator, &mut items, spans)
    }

    /// Calls itself as often as the number of items can be halved.
    fn half(&mut self, operator: BinaryOperator, items: &mut [Option<Grown>], spans: &[Span]) -> Grown {
        if let [item] = items {
            // INVARIANT: each item is taken by the one call whose slice is it alone.
            return item.take().unwrap_or_else(|| hole(self.place(0)));
        }
        let middle = items.len() / 2;
        let (left, right) = items.split_at_mut(middle);
        let left = self.half(operator, left, &spans[..middle - 1]);
        let right = self.half(operator, right, &spans[middle..]);
        self.binary(operator, spans[middle - 1], left, right)
    }

    fn binary(&mut self, operator: BinaryOperator, operator_span: Span, left: Grown, right: Grown) -> Grown {
        let span = left.expression.span.to(right.expression.span);
        let height = left.height.max(right.height);
        let (left, right) = (Box::new(left.expression), Box::new(right.expression));
        self.grow(ExpressionKind::Binary { operator, operator_span, left, right }, span, height)
    }
}

pub(super) fn hole(span: Span) -> Grown {
    leaf(ExpressionKind::Hole, span)
}

fn leaf(kind: ExpressionKind, span: Span) -> Grown {
    Grown { expression: Expression { kind, span }, height: 1, is_comparison: false }
}

/// The operands and operators of an expression that are not yet settled.
#[derive(Default)]
struct Row {
    operands: Vec<Operand>,
    operators: Vec<Operator>,
}

enum Operand {
    Single(Grown),
    /// `a or b or c`, or the same with `and`; one span an operator.
    Many {
        operator: BinaryOperator,
        items: Vec<Grown>,
        spans: Vec<Span>,
    },
}

#[derive(Clone, Copy)]
enum Operator {
    Prefix(UnaryOperator, Span),
    Infix(Infix, Span),
}

#[derive(Clone, Copy)]
enum Infix {
    Binary(BinaryOperator),
    Range,
}

const COMPARISON: u8 = 4;

impl Infix {
    fn of(text: &str) -> Option<Self> {
        use BinaryOperator as Is;
        Some(Infix::Binary(match text {
            "or" => Is::Or,
            "and" => Is::And,
            "==" => Is::Equal,
            "!=" => Is::NotEqual,
            "<" => Is::Less,
            "<=" => Is::LessOrEqual,
            ">" => Is::Greater,
            ">=" => Is::GreaterOrEqual,
            "in" => Is::In,
            "matches" => Is::Matches,
            "+" => Is::Add,
            "-" => Is::Subtract,
            "*" => Is::Multiply,
            "/" => Is::Divide,
            ".." => return Some(Infix::Range),
            _ => return None,
        }))
    }

    /// The higher binds the tighter; `not` is 3 and a unary minus 8.
    fn precedence(self) -> u8 {
        use BinaryOperator as Is;
        match self {
            Infix::Binary(Is::Or) => 1,
            Infix::Binary(Is::And) => 2,
            Infix::Range => 5,
            Infix::Binary(Is::Add | Is::Subtract) => 6,
            Infix::Binary(Is::Multiply | Is::Divide) => 7,
            Infix::Binary(
                Is::Equal
                | Is::NotEqual
                | Is::Less
                | Is::LessOrEqual
                | Is::Greater
                | Is::GreaterOrEqual
                | Is::In
                | Is::Matches,
            ) => COMPARISON,
        }
    }
}

impl Operator {
    fn precedence(self) -> u8 {
        match self {
            Operator::Prefix(UnaryOperator::Not, _) => 3,
            Operator::Prefix(UnaryOperator::Negate, _) => 8,
            Operator::Infix(infix, _) => infix.precedence(),
        }
    }
}

impl Row {
    /// Settles every operator that binds as tight as `precedence` or tighter; a comparison only what binds tighter, since
    /// another comparison before it is a problem of its own.
    fn reduce(&mut self, lowering: &mut Lowering<'_>, precedence: u8) {
        while let Some(operator) = self.operators.last().copied().filter(|top| top.precedence() >= precedence) {
            self.operators.pop();
            let Some(right) = self.operands.pop() else { return };
            let settled = match operator {
                Operator::Prefix(operator, span) => prefixed(lowering, operator, span, right),
                Operator::Infix(infix, span) => {
                    let Some(left) = self.operands.pop() else { return };
                    between(lowering, infix, span, left, right)
                }
            };
            self.operands.push(settled);
        }
    }

    fn refuse_chain(&mut self, lowering: &mut Lowering<'_>, span: Span) {
        if let Some(Operand::Single(grown)) = self.operands.last()
            && grown.is_comparison
        {
            let problem = chained(lowering, &grown.expression, span);
            lowering.report(problem);
        }
    }

    fn replace_last(&mut self, with: impl FnOnce(Operand) -> Grown) {
        if let Some(operand) = self.operands.pop() {
            self.operands.push(Operand::Single(with(operand)));
        }
    }
}

impl Operand {
    fn finish(self, lowering: &mut Lowering<'_>) -> Grown {
        match self {
            Operand::Single(grown) => grown,
            Operand::Many { operator, items, spans } if items.len() > LONG_ROW => {
                lowering.balanced(operator, items, &spans)
            }
            Operand::Many { operator, items, spans } => {
                let mut items = items.into_iter();
                // INVARIANT: a row begins with two items.
                let Some(first) = items.next() else { return hole(lowering.place(0)) };
                items.zip(spans).fold(first, |left, (right, span)| lowering.binary(operator, span, left, right))
            }
        }
    }
}

fn prefixed(lowering: &mut Lowering<'_>, operator: UnaryOperator, span: Span, operand: Operand) -> Operand {
    let operand = operand.finish(lowering);
    if lowering.is_too_deep(span) {
        return Operand::Single(hole(span.to(operand.expression.span)));
    }
    let span = span.to(operand.expression.span);
    let kind = ExpressionKind::Unary { operator, operand: Box::new(operand.expression) };
    Operand::Single(lowering.grow(kind, span, operand.height))
}

fn between(lowering: &mut Lowering<'_>, infix: Infix, span: Span, left: Operand, right: Operand) -> Operand {
    let right = right.finish(lowering);
    let operator = match infix {
        Infix::Binary(operator @ (BinaryOperator::Or | BinaryOperator::And)) => {
            return many(lowering, operator, span, left, right);
        }
        Infix::Binary(operator) => operator,
        Infix::Range => {
            let left = left.finish(lowering);
            let span = left.expression.span.to(right.expression.span);
            let height = left.height.max(right.height);
            let kind = ExpressionKind::Range { from: Box::new(left.expression), to: Box::new(right.expression) };
            return Operand::Single(lowering.grow(kind, span, height));
        }
    };
    let left = left.finish(lowering);
    let grown = lowering.binary(operator, span, left, right);
    Operand::Single(Grown { is_comparison: infix.precedence() == COMPARISON, ..grown })
}

fn many(lowering: &mut Lowering<'_>, operator: BinaryOperator, span: Span, left: Operand, right: Grown) -> Operand {
    match left {
        Operand::Many { operator: same, mut items, mut spans } if same == operator => {
            items.push(right);
            spans.push(span);
            Operand::Many { operator, items, spans }
        }
        left => {
            let left = left.finish(lowering);
            Operand::Many { operator, items: vec![left, right], spans: vec![span] }
        }
    }
}

/// `a < b < c`: says how to write it.
fn chained(lowering: &Lowering<'_>, left: &Expression, second: Span) -> Problem {
    let middle = match &left.kind {
        ExpressionKind::Binary { right, .. } => lowering.slice(right.span),
        _ => "",
    };
    let operator = lowering.slice(second);
    let problem = Problem::error(Code::SYNTAX, "comparisons cannot be chained")
        .label(second, "a second comparison")
        .label(left.span, "this is a comparison already");
    if middle.is_empty() {
        return problem.help("join the two with `and`, or put parentheses around the first");
    }
    problem.help(format!("join the two with `and`: `{} and {middle} {operator} …`", lowering.slice(left.span))).fix(
        "join the two with `and`",
        second,
        format!("and {middle} {operator}"),
    )
}
