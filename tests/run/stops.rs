//! A controller that is told to stop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sunup::engine::{HostState, Outcome, Status};
use sunup::plan::Plan;
use sunup::run::{Controller, Interrupt, Observer, RunEnd, Settings, Stop};
use sunup::time::Moment;

use crate::field::{BOTH, Field};
use crate::plans::{Build, step, verified};

/// Presses the button when the host begins to change; again when it is told that the first press was heard.
struct Presses {
    interrupt: Interrupt,
    twice: bool,
    stops: Vec<(Stop, usize)>,
}

impl Observer for Presses {
    fn told(&mut self, _: Moment, status: &Status, _: &Plan) {
        if matches!(status, Status::HostChanged { state: HostState::Changing { step: 0 }, .. }) {
            self.interrupt.press();
        }
    }

    fn stops(&mut self, why: &Stop, under_way: usize) {
        if self.twice && *why == Stop::Asked {
            self.interrupt.press();
        }
        self.stops.push((why.clone(), under_way));
    }
}

fn pressed(field: &Field, plan: &Build, twice: bool) -> (RunEnd, Presses) {
    let interrupt = Interrupt::new();
    let mut presses = Presses { interrupt: interrupt.clone(), twice, stops: Vec::new() };
    let settings = Settings { interrupt, ..Settings::default() };
    let controller = Controller::begin(&field.state, Arc::new(plan.plan.clone()), "ops", settings).unwrap();
    (controller.carry_on(&mut presses).unwrap(), presses)
}

#[test]
fn at_ctrl_c_what_is_under_way_ends_and_the_run_can_go_on() {
    let field = Field::new();
    let plan = field.build(&[step("stop"), step("patch")]).wave("asia", "a1, a2");
    field.mark("slow-run-a1", "0.5");
    let (end, presses) = pressed(&field, &plan, false);
    assert_eq!((end.outcome, end.stop), (None, Some(Stop::Asked)));
    assert_eq!(presses.stops, [(Stop::Asked, 1)]);
    assert_eq!(field.done("a1"), ["run stop"]);
    assert_eq!(field.resume().outcome, Some(Outcome::Complete));
    assert_eq!(
        (field.done("a1"), field.done("a2")),
        (BOTH.map(str::to_owned).to_vec(), BOTH.map(str::to_owned).to_vec())
    );
}

#[test]
fn at_the_second_ctrl_c_all_stops_and_the_run_can_go_on() {
    let field = Field::new();
    let plan = field.build(&[verified("patch")]).wave("asia", "a1, a2");
    field.mark("slow-run-a1", "30");
    let began = Instant::now();
    let (end, presses) = pressed(&field, &plan, true);
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!((end.outcome, end.stop), (None, Some(Stop::AtOnce)));
    assert_eq!(presses.stops, [(Stop::Asked, 1), (Stop::AtOnce, 1)]);
    // Nobody knows what it did; its verify says that it did nothing, so that it is run again.
    field.unmark("slow-run-a1");
    assert_eq!(field.resume().outcome, Some(Outcome::Complete));
    assert_eq!((field.done("a1"), field.done("a2")), (vec!["run patch".to_owned()], vec!["run patch".to_owned()]));
}
