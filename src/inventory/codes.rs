/// A column's cells as codes of its dictionary, as narrow as the dictionary allows; zero where the cell is missing.
#[derive(Debug, Clone)]
pub(crate) enum Codes {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl Codes {
    pub(crate) fn len(&self) -> usize {
        match self {
            Codes::U8(codes) => codes.len(),
            Codes::U16(codes) => codes.len(),
            Codes::U32(codes) => codes.len(),
        }
    }

    /// The code of a row; zero past the end.
    pub(crate) fn get(&self, row: usize) -> u32 {
        match self {
            Codes::U8(codes) => codes.get(row).map_or(0, |&code| code.into()),
            Codes::U16(codes) => codes.get(row).map_or(0, |&code| code.into()),
            Codes::U32(codes) => codes.get(row).map_or(0, |&code| code),
        }
    }

    pub(crate) fn push(&mut self, code: u32) {
        match self {
            Codes::U8(codes) if code <= u8::MAX.into() => codes.push(code as u8),
            Codes::U16(codes) if code <= u16::MAX.into() => codes.push(code as u16),
            Codes::U32(codes) => codes.push(code),
            _ => {
                self.widen();
                self.push(code);
            }
        }
    }

    pub(crate) fn extend(&mut self, more: &[u32]) {
        let largest = more.iter().copied().max().unwrap_or(0);
        match self {
            Codes::U8(codes) if largest <= u8::MAX.into() => codes.extend(more.iter().map(|&code| code as u8)),
            Codes::U16(codes) if largest <= u16::MAX.into() => codes.extend(more.iter().map(|&code| code as u16)),
            Codes::U32(codes) => codes.extend_from_slice(more),
            _ => {
                self.widen();
                self.extend(more);
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Missing cells up to this many rows.
    pub(crate) fn pad(&mut self, rows: usize) {
        if self.len() >= rows {
            return;
        }
        match self {
            Codes::U8(codes) => codes.resize(rows, 0),
            Codes::U16(codes) => codes.resize(rows, 0),
            Codes::U32(codes) => codes.resize(rows, 0),
        }
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        match self {
            Codes::U8(codes) => codes.truncate(rows),
            Codes::U16(codes) => codes.truncate(rows),
            Codes::U32(codes) => codes.truncate(rows),
        }
    }

    /// Gives each code the number that stands at its place in `numbers`, of which there are no more than codes now.
    pub(crate) fn renumber(&mut self, numbers: &[u32]) {
        let number = |code: u32| numbers.get(code as usize).copied().unwrap_or(0);
        match self {
            Codes::U8(codes) => codes.iter_mut().for_each(|code| *code = number((*code).into()) as u8),
            Codes::U16(codes) => codes.iter_mut().for_each(|code| *code = number((*code).into()) as u16),
            Codes::U32(codes) => codes.iter_mut().for_each(|code| *code = number(*code)),
        }
    }

    pub(crate) fn shrink(&mut self) {
        match self {
            Codes::U8(codes) => codes.shrink_to_fit(),
            Codes::U16(codes) => codes.shrink_to_fit(),
            Codes::U32(codes) => codes.shrink_to_fit(),
        }
    }

    fn widen(&mut self) {
        *self = match self {
            Codes::U8(codes) => Codes::U16(codes.iter().map(|&code| code.into()).collect()),
            Codes::U16(codes) => Codes::U32(codes.iter().map(|&code| code.into()).collect()),
            Codes::U32(codes) => Codes::U32(std::mem::take(codes)),
        };
    }
}

impl Default for Codes {
    fn default() -> Self {
        Codes::U8(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_widen_when_they_must() {
        let mut codes = Codes::default();
        let rows = [0, 1, 255, 256, 65_535, 65_536, 7];
        rows.iter().for_each(|&code| codes.push(code));
        assert!(matches!(codes, Codes::U32(_)));
        assert_eq!(codes.iter().collect::<Vec<_>>(), rows);
        let mut together = Codes::default();
        together.extend(&rows[..2]);
        together.extend(&rows[2..]);
        assert!(together.iter().eq(rows));
        codes.pad(9);
        assert_eq!(codes.get(8), 0);
        assert_eq!(codes.get(99), 0);
        assert_eq!(codes.len(), 9);
    }
}
