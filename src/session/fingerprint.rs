use sha2::{Digest, Sha256};

use crate::plan::{Fingerprint, Input};
use crate::time::zone_data_version;

/// The inputs of a plan, gathered while they are read.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    inputs: Vec<Input>,
}

impl Inputs {
    pub fn add(&mut self, kind: &str, name: impl Into<String>, bytes: &[u8]) {
        self.inputs.push(Input { kind: kind.to_owned(), name: name.into(), hash: hex(&Sha256::digest(bytes)) });
    }

    /// Over everything that was read, and the zone data. `start` is in it as well: another start is another plan.
    pub fn fingerprint(&self, rollout: &str, start: &str) -> Fingerprint {
        let mut inputs = self.inputs.clone();
        let version = zone_data_version();
        inputs.push(Input {
            kind: "zone data".to_owned(),
            name: version.to_owned(),
            hash: hex(&Sha256::digest(version.as_bytes())),
        });
        let mut whole = Sha256::new();
        for part in inputs.iter().flat_map(|input| [&input.kind, &input.name, &input.hash]) {
            whole.update(part.as_bytes());
            whole.update([0]);
        }
        whole.update(rollout.as_bytes());
        whole.update([0]);
        whole.update(start.as_bytes());
        Fingerprint { whole: hex(&whole.finalize()), inputs }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
