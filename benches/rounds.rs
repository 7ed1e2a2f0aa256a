//! Peers in turn, so that whatever else the machine does falls on all of them alike; the ratio is taken round by round.

use std::time::Instant;

pub struct Rounds {
    names: Vec<String>,
    /// For each peer its seconds, a round each.
    seconds: Vec<Vec<f64>>,
}

impl Rounds {
    /// Runs each peer `times` in a row in each round, so that what is quick is measured by the many. Each gives back a
    /// number that all must agree on.
    pub fn run(rounds: usize, times: usize, peers: &mut [(&str, &mut dyn FnMut() -> usize)]) -> Rounds {
        let names = peers.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut seconds = vec![Vec::new(); peers.len()];
        for _ in 0..rounds {
            let mut answers = Vec::new();
            for (idx, (_, peer)) in peers.iter_mut().enumerate() {
                let start = processor_seconds();
                answers.push((0..times).map(|_| std::hint::black_box(peer())).max());
                seconds[idx].push((processor_seconds() - start) / times as f64);
            }
            assert!(answers.iter().all(|answer| *answer == answers[0]), "the peers disagree: {answers:?}");
        }
        Rounds { names, seconds }
    }

    /// A line for each peer: the median with the least and the most, and the ratio to the first, the limit.
    pub fn print(&self, title: &str, unit: &str, scale: f64) {
        println!("\n{title} ({} rounds; median, least – most)", self.seconds[0].len());
        for (name, seconds) in self.names.iter().zip(&self.seconds) {
            let ratios: Vec<f64> = seconds.iter().zip(&self.seconds[0]).map(|(own, limit)| own / limit).collect();
            let (middle, least, most) = spread(seconds.iter().map(|seconds| seconds * scale).collect());
            let (ratio, low, high) = spread(ratios);
            println!("  {name:<28} {middle:9.3} {unit} ({least:.3} – {most:.3})   {ratio:5.2}× ({low:.2} – {high:.2})");
        }
    }
}

fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[0], values[values.len() - 1])
}

/// Of this thread where the system says so (Linux), else on the wall.
pub fn processor_seconds() -> f64 {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
    fn wall() -> f64 {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_secs_f64()
    }
    #[expect(clippy::disallowed_methods, reason = "the kernel's own account of this thread")]
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = account.and_then(|account| account.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(wall, |nanoseconds| nanoseconds / 1e9)
}

/// `--hosts 5000` and the like; cargo's own `--bench` is passed over.
pub fn option(name: &str, default: usize) -> usize {
    #[expect(clippy::disallowed_methods, reason = "a benchmark has arguments")]
    let args: Vec<String> = std::env::args().collect();
    let value = args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    value.map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} {value}: a number is wanted")))
}
