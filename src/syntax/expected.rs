use crate::syntax::grammar::{Furthest, Rule, furthest};
use crate::syntax::words::{self, Class};

/// How far the grammar comes in a piece, in bytes.
pub(super) fn reach(rule: Rule, piece: &str) -> usize {
    tried(rule, piece).map_or(0, |tried| tried.position.min(piece.len()))
}

/// What the grammar tries at the furthest place in a piece. A blank and a character that nothing takes follow the piece, so
/// that it says at the end, too, what it would have taken.
fn tried(rule: Rule, piece: &str) -> Option<Furthest> {
    furthest(rule, &format!("{piece} \u{2}"))
}

/// What could stand at a place.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// Keywords and signs, as they are written.
    pub literals: Vec<String>,
    /// Every word that could stand there, also those that a kind stands for.
    words: Vec<String>,
    /// Kinds of things, as users call them.
    pub kinds: Vec<&'static str>,
    /// Whether the sentence could also end here.
    pub may_end: bool,
}

impl Expected {
    /// What could follow a piece that is cut off where it went wrong.
    pub fn after(rule: Rule, beginning: &str) -> Self {
        let mut expected = Self { may_end: furthest(rule, beginning).is_none(), ..Self::default() };
        if let Some(tried) = tried(rule, beginning) {
            expected.add(tried);
        }
        expected
    }

    fn add(&mut self, tried: Furthest) {
        let mut literals = tried.literals;
        // Where many rules were tried pest names only the one around them; the first signs tell the kinds all the same.
        let has = |literals: &[String], sign: &str| literals.iter().any(|literal| literal == sign);
        let takes_value = has(&literals, "[");
        let takes_operator = has(&literals, "==");
        let takes_name = has(&literals, "_");
        let takes_text = has(&literals, "\"");
        let takes_weekday = has(&literals, "mon");
        let takes_digit = has(&literals, "0..9");
        self.words = literals.iter().filter(|literal| words::find(literal).is_some()).cloned().collect();
        literals.retain(|literal| is_shown(literal, takes_value, takes_operator));
        self.literals = literals;
        if takes_value {
            self.kinds.push("a value");
        } else {
            self.kinds.extend(tried.rules.into_iter().filter_map(called));
            if takes_name {
                // A text can stand for a name wherever one is expected; to say so each time would only distract.
                self.kinds.retain(|kind| *kind != "a text in quotes");
                if !self.kinds.contains(&"a field's name") {
                    self.kinds.push("a name");
                }
            } else if takes_text {
                self.kinds.push("a text in quotes");
            }
            if takes_weekday {
                self.kinds.push("a weekday");
            }
            if takes_digit && !takes_name && self.kinds.is_empty() {
                self.kinds.push("a number");
            }
        }
        if takes_operator {
            self.kinds.retain(|kind| takes_value || *kind != "a value");
            self.kinds.push("an operator");
        }
        self.kinds.sort_unstable();
        self.kinds.dedup();
    }

    pub fn is_empty(&self) -> bool {
        self.literals.is_empty() && self.kinds.is_empty()
    }

    /// The keywords that could stand there.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// `a duration`, `` `hold` or `rollback` ``
    pub fn described(&self) -> String {
        let kinds = self.kinds.iter().map(|kind| (*kind).to_owned());
        let all: Vec<String> = kinds.chain(self.literals.iter().map(|literal| format!("`{literal}`"))).collect();
        one_of(&all)
    }
}

/// `a`, `a or b`, `a, b or c`
pub(super) fn one_of(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Whether a literal is worth a word of its own: not blanks and marks, not what a kind stands for.
fn is_shown(literal: &str, takes_value: bool, takes_operator: bool) -> bool {
    let Some(word) = words::find(literal) else {
        let is_sign = matches!(literal, "{" | "}" | "(" | ")" | "[" | "]" | "," | "=" | "-" | "..");
        let begins_value = matches!(literal, "(" | "[" | "-");
        let is_operator = matches!(literal, "-" | "..");
        return is_sign && !(takes_value && begins_value) && !(takes_operator && is_operator);
    };
    match word.class {
        Class::Value | Class::Literal => !takes_value,
        Class::Operator => !(takes_operator || takes_value),
        Class::Weekday => false,
        // Of digits that were read in part; the whole has its kind.
        Class::Unit => false,
        // `at` goes on with any value, but a time after it is rare.
        _ if takes_operator && literal == "at" => false,
        // `hosts` is a value too, and `one per` is rare beside it.
        Class::Clause | Class::Sentence | Class::Choice => !takes_value,
    }
}

/// What users call a rule; none for one that is never the name of what is expected at a single place, because its first
/// word is, or because it says what is wrong.
fn called(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::duration | Rule::duration_value | Rule::unitless => Some("a duration"),
        Rule::percent => Some("a percentage"),
        Rule::count | Rule::count_value => Some("a number"),
        Rule::plain_amount | Rule::amount => Some("a number or a percentage"),
        Rule::time | Rule::time_value => Some("a time of day"),
        Rule::date => Some("a date"),
        Rule::month => Some("a month"),
        Rule::moment | Rule::zoneless_moment => Some("a moment"),
        Rule::number => Some("a number"),
        Rule::weekday | Rule::weekdays | Rule::weekdays_run | Rule::weekday_range => Some("a weekday"),
        Rule::ordinal => Some("an ordinal, such as `2nd`"),
        Rule::text | Rule::texts => Some("a text in quotes"),
        Rule::name | Rule::label | Rule::names | Rule::path => Some("a name"),
        Rule::field_name => Some("a field's name"),
        Rule::time_zone => Some("a zone, such as `UTC` or `Europe/Berlin`"),
        Rule::command => Some("a command"),
        Rule::value | Rule::expression | Rule::operand | Rule::primary => Some("a value"),
        Rule::paren | Rule::list | Rule::call | Rule::hosts | Rule::quantified | Rule::every_host => Some("a value"),
        Rule::boolean | Rule::literal | Rule::hole => Some("a value"),
        Rule::operator | Rule::is_missing | Rule::at_time => Some("an operator"),
        Rule::parameters => Some("a name"),
        Rule::condition => Some("a condition"),
        Rule::days_dates => Some("a date"),
        // What begins with a word of its own, which is said instead.
        Rule::use_item | Rule::let_item | Rule::function | Rule::inventory | Rule::connect | Rule::regions_by => None,
        Rule::region | Rule::service | Rule::calendar | Rule::team | Rule::bulletin | Rule::gate | Rule::runbook => {
            None
        }
        Rule::rollout | Rule::item | Rule::file | Rule::mapping => None,
        Rule::connect_head | Rule::regions_by_head | Rule::region_head | Rule::service_head | Rule::calendar_head => {
            None
        }
        Rule::team_head | Rule::bulletin_head | Rule::gate_head | Rule::runbook_head | Rule::rollout_head => None,
        Rule::packages_head | Rule::package_head | Rule::step_head | Rule::guinea_pig_head | Rule::wave_head => None,
        Rule::rule_head
        | Rule::head
        | Rule::next_package
        | Rule::next_step
        | Rule::next_stage
        | Rule::words_before_open => None,
        Rule::mapping_block | Rule::connect_block | Rule::region_block | Rule::service_block => None,
        Rule::calendar_block | Rule::team_block | Rule::bulletin_block | Rule::package_block | Rule::gate_block => None,
        Rule::runbook_block | Rule::step_block | Rule::rollout_block | Rule::stage_block | Rule::rule_block => None,
        Rule::connect_member | Rule::region_member | Rule::service_member | Rule::calendar_member => None,
        Rule::team_member | Rule::bulletin_member | Rule::package_member | Rule::gate_member => None,
        Rule::runbook_member | Rule::step_member | Rule::rollout_member | Rule::stage_member | Rule::rule_member => {
            None
        }
        Rule::connect_path | Rule::hosts_member | Rule::window | Rule::freeze | Rule::owner_by | Rule::owner => None,
        Rule::zone_by | Rule::zone | Rule::keep | Rule::ics | Rule::days | Rule::day_rule | Rule::days_edge => None,
        Rule::days_nth | Rule::people | Rule::may | Rule::act_scope | Rule::title | Rule::severity | Rule::released => {
            None
        }
        Rule::packages | Rule::package | Rule::install | Rule::uninstall | Rule::verify | Rule::conflicts => None,
        Rule::needs | Rule::run_probe | Rule::tcp_probe | Rule::http_probe | Rule::every | Rule::within => None,
        Rule::for_time
        | Rule::timeout
        | Rule::retry
        | Rule::fails
        | Rule::step
        | Rule::run
        | Rule::wait
        | Rule::undo => None,
        Rule::needs_no_undo | Rule::cannot_be_undone | Rule::takes | Rule::retry_every | Rule::down | Rule::apply => {
            None
        }
        Rule::to | Rule::start | Rule::guinea_pig | Rule::wave | Rule::on_rule | Rule::pick_one_per => None,
        Rule::pick_amount | Rule::pick_where | Rule::pick_regions | Rule::pick_sites | Rule::together => None,
        Rule::in_order | Rule::following_the_sun | Rule::batch | Rule::soak | Rule::gates | Rule::approve => None,
        Rule::finish | Rule::gate_event | Rule::step_event | Rule::more_than | Rule::regions_held | Rule::hold => None,
        Rule::rollback | Rule::notify | Rule::where_clause => None,
        Rule::stages | Rule::refine | Rule::policy | Rule::workaround => None,
        Rule::stages_head | Rule::refine_head | Rule::policy_head | Rule::workaround_head => None,
        Rule::stages_block | Rule::more_block | Rule::refine_block | Rule::policy_block | Rule::workaround_block => {
            None
        }
        Rule::stages_member | Rule::refine_member | Rule::policy_member | Rule::workaround_member => None,
        Rule::lift | Rule::ahead | Rule::deadline | Rule::use_stages | Rule::always | Rule::never => None,
        Rule::order_by | Rule::first_values | Rule::at_once | Rule::require | Rule::forbid | Rule::for_bulletin => None,
        Rule::require_guinea_pig | Rule::require_gate | Rule::require_approval | Rule::require_soak => None,
        Rule::require_undo | Rule::require_batch | Rule::deadline_at_risk | Rule::roughly => None,
        Rule::claim_service | Rule::claim_more | Rule::claim_gate | Rule::claim_region | Rule::claim_site => None,
        Rule::claim_rollout | Rule::claim_in_service | Rule::rolled_back => None,
        Rule::test | Rule::test_head | Rule::test_block | Rule::test_member | Rule::one_test_member => None,
        Rule::test_plan | Rule::test_fleet | Rule::for_any | Rule::any_fleet | Rule::any_failures | Rule::given => None,
        Rule::given_gate | Rule::given_answer | Rule::given_step | Rule::given_outcome | Rule::given_takes => None,
        Rule::controller_dies | Rule::given_reach | Rule::reached | Rule::place_hosts | Rule::place_host => None,
        Rule::place_site | Rule::place_region | Rule::place_rollout | Rule::spoken | Rule::answers => None,
        Rule::given_when | Rule::when_at | Rule::when_after | Rule::when_claim | Rule::expect => None,
        Rule::expect_by | Rule::expect_within | Rule::claim_hosts | Rule::claim_host | Rule::told => None,
        Rule::given_place => Some("a place, such as `site \"sydney\"`"),
        Rule::act_place | Rule::given_who => Some("a name"),
        Rule::claim | Rule::claim_term | Rule::claim_stage => Some("a claim, such as `service mail kept`"),
        Rule::deadline_after => Some("a duration"),
        Rule::order_key => Some("a field's name"),
        Rule::week_moment => Some("a weekday"),
        // One of a few words, which are all said.
        Rule::deadline_base | Rule::descending | Rule::sunrise | Rule::connective | Rule::claim_count => None,
        Rule::claim_answer | Rule::claim_state | Rule::state_word => None,
        Rule::per | Rule::position | Rule::period | Rule::act | Rule::owned | Rule::level | Rule::batch_scope => None,
        Rule::otherwise | Rule::gate_answer | Rule::step_answer | Rule::scope | Rule::prefix | Rule::negated => None,
        Rule::quantifier | Rule::variable | Rule::unit | Rule::through => None,
        // Parts of one word, or blanks.
        Rule::chunk | Rule::escape | Rule::field | Rule::day | Rule::zone_char | Rule::literal_end | Rule::ident => {
            None
        }
        Rule::name_start | Rule::name_part | Rule::name_char | Rule::reserved | Rule::comma | Rule::last_comma => None,
        Rule::end | Rule::w | Rule::gap | Rule::more | Rule::blank | Rule::eol | Rule::comment | Rule::EOI => None,
        // What is wrong, and where reading goes on.
        Rule::dangling | Rule::sentence | Rule::joins | Rule::begins | Rule::bad_item | Rule::bad_member => None,
        Rule::bad_words
        | Rule::bad_word
        | Rule::bad_break
        | Rule::at_clause
        | Rule::clause
        | Rule::braces
        | Rule::string_like => None,
        Rule::string_hole
        | Rule::bad_head
        | Rule::no_open
        | Rule::stray_close
        | Rule::missing_close
        | Rule::unclosed
        | Rule::close => None,
        Rule::cut | Rule::unterminated | Rule::bad_escape | Rule::bad_hole | Rule::bad_literal | Rule::bad_time => None,
        Rule::one_item | Rule::one_mapping | Rule::one_connect_member | Rule::one_region_member => None,
        Rule::one_service_member | Rule::one_calendar_member | Rule::one_team_member | Rule::one_bulletin_member => {
            None
        }
        Rule::one_package_member | Rule::one_gate_member | Rule::one_runbook_member | Rule::one_step_member => None,
        Rule::one_rollout_member | Rule::one_stage_member | Rule::one_rule_member | Rule::one_head => None,
        Rule::one_stages_member | Rule::one_refine_member | Rule::one_policy_member | Rule::one_workaround_member => {
            None
        }
        Rule::one_hole | Rule::one_expression => None,
    }
}
