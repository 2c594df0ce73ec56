//! An ANSI/NIST-ITL file to bytes, and a new one.

use super::super::error::FormatError;
use super::field::{Field, RS, US};
use super::file::{An2kFile, CONTENT, Record};
use super::fixed::with_length;
use super::tagged::{LENGTH, TaggedRecord};

/// The edition that new files are written in: ANSI/NIST-ITL 1-2007.
const VERSION: &str = "0400";
/// Pixels per mm that a Type-1 record gives when there is no image of Type-3 to 6.
const NO_RESOLUTION: &str = "00.00";
/// Pixels per mm of 500 ppi.
const RESOLUTION_500: &str = "19.69";

/// Data of a new file's Type-1 record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transaction<'a> {
    /// Type of transaction, in the receiving agency's terms.
    pub kind: &'a str,
    /// Date, `YYYYMMDD`.
    pub date: &'a str,
    /// Identifier of the destination agency.
    pub destination: &'a str,
    /// Identifier of the originating agency.
    pub origin: &'a str,
    /// Control number.
    pub control: &'a str,
}

impl An2kFile {
    /// A file with only a Type-1 record. Separators in the texts become spaces.
    #[must_use]
    pub fn new(transaction: &Transaction<'_>) -> Self {
        let clean =
            |text: &str| text.bytes().map(|b| if (0x1C..=0x1F).contains(&b) { b' ' } else { b }).collect::<Vec<_>>();
        let texts = [
            (2, VERSION),
            (4, transaction.kind),
            (5, transaction.date),
            (7, transaction.destination),
            (8, transaction.origin),
            (9, transaction.control),
            (11, NO_RESOLUTION),
            (12, NO_RESOLUTION),
        ];
        let mut fields = vec![Field::new(LENGTH, Vec::new())];
        fields.extend(texts.into_iter().map(|(number, text)| Field::new(number, clean(text))));
        fields.insert(2, Field::new(CONTENT, Vec::new()));
        let records = vec![Record::Tagged(TaggedRecord { kind: 1, fields })];
        let mut file = Self { records, trailing: Vec::new(), notes: Vec::new() };
        file.list();
        file
    }

    /// Adds a record and lists it.
    ///
    /// # Errors
    /// [`FormatError::Value`] for a second Type-1 record and for a binary record whose type is not 3 or 5 to 8.
    pub fn push(&mut self, record: Record) -> Result<(), FormatError> {
        let allowed = match &record {
            Record::Tagged(record) => record.kind() != 1,
            Record::Fixed(_) => true,
            Record::Binary { kind, .. } => matches!(kind, 3 | 5..=8),
        };
        if !allowed {
            let (what, value) = ("record type", record.kind().into());
            return Err(FormatError::Value { what, offset: 0, value, expected: "another type is needed here" });
        }
        self.trailing.clear();
        self.records.push(record);
        self.list();
        Ok(())
    }

    /// Lists the records in the first one.
    fn list(&mut self) {
        let Some((Record::Tagged(first), rest)) = self.records.split_first_mut() else { return };
        let mut content = [b"1", &[US][..], rest.len().to_string().as_bytes()].concat();
        for record in rest.iter() {
            content.push(RS);
            content.extend(record.kind().to_string().bytes());
            content.push(US);
            content.extend(number(record));
        }
        first.set(CONTENT, content);
        if rest.iter().any(|record| (3..=6).contains(&record.kind())) {
            for field in [11, 12] {
                if first.field(field).is_some_and(|f| f.value() == NO_RESOLUTION.as_bytes()) {
                    first.set(field, RESOLUTION_500.into());
                }
            }
        }
    }

    /// Writes the file. A file that was read is written back byte for byte; one that was text becomes bytes.
    ///
    /// # Errors
    /// [`FormatError::Capacity`] when a binary record is larger than its length field can hold.
    pub fn encode(&self) -> Result<Vec<u8>, FormatError> {
        let mut out = Vec::new();
        for record in &self.records {
            match record {
                Record::Tagged(record) => out.extend(record.encode()),
                Record::Fixed(record) => out.extend(record.encode()?),
                Record::Binary { bytes, .. } => out.extend(with_length(bytes)?),
            }
        }
        out.extend(&self.trailing);
        Ok(out)
    }
}

/// A record's own number (IDC), two digits.
fn number(record: &Record) -> Vec<u8> {
    match record {
        Record::Tagged(record) => {
            let own = record.field(2).map(Field::value).filter(|v| !v.is_empty() && v.iter().all(u8::is_ascii_digit));
            own.unwrap_or(b"00").to_vec()
        }
        Record::Fixed(record) => format!("{:02}", record.idc).into_bytes(),
        Record::Binary { bytes, .. } => format!("{:02}", bytes.first().copied().unwrap_or(0)).into_bytes(),
    }
}
