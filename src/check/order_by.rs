use crate::check::entry::Checker;
use crate::check::term::Scope;
use crate::diagnostic::{Code, Problem};
use crate::inventory::{self, FieldId, FieldType};
use crate::model::{HostOrder, OrderKey};
use crate::source::Span;
use crate::syntax::ast::{self, Expression, OrderDirection};

impl<'a> Checker<'a> {
    /// `order by role first "passive" then "active", version descending`. None where a key is not sound.
    pub(super) fn order_by(&mut self, keys: &'a [ast::OrderKey]) -> Option<Vec<OrderKey>> {
        let mut found = Some(Vec::new());
        for (idx, key) in keys.iter().enumerate() {
            if let Some(first) = keys[..idx].iter().find(|first| first.field.text == key.field.text) {
                let message = format!("the hosts are ordered by `{}` twice", key.field.text);
                let problem = Problem::error(Code::MEMBER_TWICE, message)
                    .label(key.field.span, "nothing is left for it to order")
                    .label(first.field.span, "first here")
                    .help("one of them has to go");
                self.report(problem);
            }
            let before = idx.checked_sub(1).and_then(|idx| keys.get(idx));
            let key = match before {
                Some(before) if self.is_a_value_of(before, &key.field) => None,
                _ => self.order_key(key),
            };
            found = found.zip(key).map(|(mut found, key)| {
                found.push(key);
                found
            });
        }
        found
    }

    /// `first "passive", "active"`: the second is no field, but a value of the first.
    fn is_a_value_of(&mut self, before: &'a ast::OrderKey, name: &ast::Name) -> bool {
        let OrderDirection::First(values) = &before.direction else { return false };
        let Some(fleet) = self.input.fleet else { return false };
        let Some(field) = fleet.field(&before.field.text).filter(|_| fleet.field(&name.text).is_none()) else {
            return false;
        };
        let value = inventory::Value::Text(name.text.clone());
        if self.hosts_with(field, &value).is_none_or(|hosts| hosts.is_empty()) {
            return false;
        }
        let Some(last) = values.last() else { return false };
        let written = super::conversion::quoted(&name.text);
        let between = Span { start: last.span.end, end: name.span.start, ..name.span };
        let problem = Problem::error(Code::UNKNOWN_FIELD, format!("no host has a field `{}`", name.text))
            .label(name.span, format!("this is a value of `{}`", before.field.text))
            .label(before.field.span, "whose values go first")
            .help(format!("values follow each other with `then`: `first … then {written}`"))
            .fix("write `then`", between, " then ");
        self.report(problem);
        true
    }

    fn order_key(&mut self, key: &'a ast::OrderKey) -> Option<OrderKey> {
        let field = self.field(&key.field)?;
        if !self.check_has_an_order(field, key.field.span) {
            return None;
        }
        let order = match &key.direction {
            OrderDirection::Ascending => HostOrder::Ascending,
            OrderDirection::Descending => HostOrder::Descending,
            OrderDirection::First(values) => HostOrder::First(self.first_values(field, values)?),
        };
        Some(OrderKey { field, order })
    }

    fn check_has_an_order(&mut self, field: FieldId, place: Span) -> bool {
        let Some(fleet) = self.input.fleet else { return false };
        let is_list = fleet.field_type(field) == FieldType::List;
        if is_list {
            let name = fleet.field_name(field);
            let message = format!("the field `{name}` holds lists, and lists have no order");
            self.report_wrong_type(place, message, "order by a field that has one value on each host");
        }
        !is_list
    }

    /// The values that go first, each of them one that some host has.
    fn first_values(&mut self, field: FieldId, values: &'a [Expression]) -> Option<Vec<inventory::Value>> {
        let mut found = Some(Vec::new());
        let mut seen: Vec<(inventory::Value, Span)> = Vec::new();
        for expression in values {
            let value = self.constant(expression, &Scope::default());
            let cell = value.and_then(|value| self.beside_field(&value, field, expression.span));
            let cell = cell.filter(|cell| self.is_known_value(field, cell, expression.span));
            if let Some((_, first)) = seen.iter().find(|(value, _)| Some(value) == cell.as_ref()) {
                let problem = Problem::error(Code::MEMBER_TWICE, "a value cannot go first and later")
                    .label(expression.span, "again here")
                    .label(*first, "first here")
                    .help("one of them has to go");
                self.report(problem);
            }
            seen.extend(cell.clone().map(|cell| (cell, expression.span)));
            found = found.zip(cell).map(|(mut found, cell)| {
                found.push(cell);
                found
            });
        }
        found
    }
}
