//! What it costs to explore the flagship, by mishaps, with one thread and with all. `cargo bench --bench explore`.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks the clock")]
#![expect(clippy::print_stdout, reason = "its figures are its result")]
#![expect(clippy::unwrap_used, reason = "what a benchmark cannot do without ends it")]

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use sunup::session::Session;
use sunup::simulate::{Bounds, explore};
use sunup::world::RealWorld;

const ROUNDS: usize = 3;

fn main() {
    let session = Session::load(&RealWorld, Path::new("examples/exchange-2007/rollout.sunup"));
    let plan = Arc::new(session.plan(None, None).plan.unwrap());
    let all = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    println!("{:>8}  {:>7}  {:>9}  {:>9}  seconds", "mishaps", "threads", "states", "exhausted");
    for failures in 0..=2 {
        for workers in [NonZeroUsize::MIN, all] {
            let bounds = Bounds { failures, workers, ..Bounds::default() };
            let mut times = Vec::new();
            let mut found = None;
            for _ in 0..ROUNDS {
                let begun = Instant::now();
                found = Some(explore(&plan, bounds));
                times.push(begun.elapsed().as_secs_f64());
            }
            times.sort_by(f64::total_cmp);
            let found = found.unwrap();
            let (least, median, most) = (times[0], times[ROUNDS / 2], times[ROUNDS - 1]);
            println!(
                "{failures:>8}  {workers:>7}  {:>9}  {:>9}  {median:.2} ({least:.2} - {most:.2})",
                found.states, found.is_exhausted
            );
        }
    }
}
