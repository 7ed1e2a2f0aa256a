use crate::inventory::codes::Codes;
use crate::inventory::column::Column;
use crate::inventory::dictionary::{CellKind, Dictionary, TextIndex};
use crate::inventory::fleet::Origin;
use crate::inventory::{Fleet, HostId, HostSet};

impl Fleet {
    /// The fleet with some of its hosts, in their order; fields keep their types and values.
    pub fn only(&self, hosts: &HostSet) -> Fleet {
        let kept: Vec<HostId> = hosts.iter().filter(|host| (host.0 as usize) < self.hosts).collect();
        let (mut names, mut index) = (Dictionary::default(), TextIndex::default());
        for host in &kept {
            index.intern(&mut names, self.name(*host), CellKind::Plain);
        }
        let mut names = Some(names);
        let columns = self.columns.iter().enumerate().map(|(place, (name, column))| {
            let is_name = place == self.name_column;
            // INVARIANT: the dictionary of names holds them in the order of the hosts.
            let codes =
                |row: usize, host: HostId| if is_name { row as u32 + 1 } else { column.codes.get(host.0 as usize) };
            let mut narrowed = Codes::U8(Vec::new());
            kept.iter().enumerate().for_each(|(row, host)| narrowed.push(codes(row, *host)));
            let dictionary = match is_name {
                true => names.take().unwrap_or_default(),
                false => column.dictionary.clone(),
            };
            (name.clone(), Column { codes: narrowed, dictionary, ..column.clone() })
        });
        let columns = columns.collect();
        let group = |members: &HostSet| {
            let rows = kept.iter().enumerate().filter(|(_, host)| members.contains(**host));
            rows.fold(HostSet::none(kept.len()), |mut set, (row, _)| {
                set.insert(HostId(row as u32));
                set
            })
        };
        let pick = |all: &[u32]| match all.is_empty() {
            true => Vec::new(),
            false => kept.iter().map(|host| all.get(host.0 as usize).copied().unwrap_or(0)).collect(),
        };
        let origin = |origin: &Origin| Origin {
            paths: origin.paths.clone(),
            files: pick(&origin.files),
            lines: pick(&origin.lines),
        };
        Fleet {
            columns,
            name_column: self.name_column,
            names: index,
            groups: self.groups.iter().map(|(name, members)| (name.clone(), group(members))).collect(),
            hosts: kept.len(),
            origins: self.origins.iter().map(origin).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::inventory::{InputFile, ReadOptions, read};

    #[test]
    fn some_hosts_are_as_they_were_among_all() {
        let csv = "name,role,cores\na,web,8\nb,db,\nc,web,16\n";
        let file = InputFile { path: "h.csv".to_owned(), bytes: csv.as_bytes().to_vec() };
        let fleet = read(&[file], &ReadOptions::default()).unwrap();
        let mut hosts = crate::inventory::HostSet::none(3);
        [1, 2].into_iter().for_each(|row| hosts.insert(crate::inventory::HostId(row)));
        let few = fleet.only(&hosts);
        assert_eq!((few.len(), few.find("a"), few.find("c")), (2, None, Some(crate::inventory::HostId(1))));
        for name in ["b", "c"] {
            let (one, other) = (fleet.find(name).unwrap(), few.find(name).unwrap());
            assert_eq!(few.name(other), name);
            for (field, name) in fleet.fields() {
                assert_eq!(fleet.value(one, field), few.value(other, few.field(name).unwrap()), "{name}");
                assert_eq!(fleet.field_type(field), few.field_type(few.field(name).unwrap()));
            }
            assert_eq!(fleet.place(one), few.place(other));
        }
    }
}
