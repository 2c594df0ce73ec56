//! What frames hold: of a segment first a table, then groups of its rows.

use super::frame::LONGEST;
use crate::bytes::Reader;
use crate::gallery::seal::Zeroizing;
use crate::index::Index;
use crate::modality::Stored;
use crate::subject::SubjectId;

/// Rows that are sealed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// How many.
    pub(super) rows: u32,
    /// Bytes of their content.
    pub(super) length: u32,
}

/// Of a row the subject, which of the subject's samples it is, and its label.
pub(super) type Owner = (SubjectId, u32, u64);

/// The table and the groups of a segment.
pub(super) struct Contents {
    pub(super) table: Zeroizing<Vec<u8>>,
    pub(super) groups: Vec<Zeroizing<Vec<u8>>>,
}

impl Contents {
    /// What the frames of a segment hold.
    pub(super) fn of<M: Stored>(index: &Index<M>, number: usize) -> Self {
        let (mut groups, mut contents) = (Vec::<Group>::new(), Vec::<Zeroizing<Vec<u8>>>::new());
        let (mut rows, mut row, mut sketch) =
            (Zeroizing::new(Vec::new()), Zeroizing::new(Vec::new()), Zeroizing::new(Vec::new()));
        let Some(segment) = index.segment(number) else {
            return Self { table: table(&groups, &rows), groups: contents };
        };
        for (place, (name, sample, label)) in index.rows_of(number).enumerate() {
            row.clear();
            sketch.clear();
            index.modality().encode_row(segment, place, &mut row);
            index.modality().encode_sketch(segment, place, &mut sketch);
            put_owner(&mut rows, &(name.clone(), u32::try_from(sample).unwrap_or(u32::MAX), label), &sketch);
            if contents.last().is_none_or(|content| content.len() >= M::GROUP_BYTES) {
                groups.push(Group { rows: 0, length: 0 });
                contents.push(Zeroizing::new(Vec::new()));
            }
            if let (Some(group), Some(content)) = (groups.last_mut(), contents.last_mut()) {
                put_row(content, &row);
                group.rows = group.rows.saturating_add(1);
                group.length = u32::try_from(content.len()).unwrap_or(u32::MAX);
            }
        }
        Self { table: table(&groups, &rows), groups: contents }
    }
}

/// `groups u32 | rows u32, length u32 of each | rows`.
pub(super) fn table(groups: &[Group], rows: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::new());
    out.extend_from_slice(&u32::try_from(groups.len()).unwrap_or(u32::MAX).to_le_bytes());
    for group in groups {
        out.extend_from_slice(&group.rows.to_le_bytes());
        out.extend_from_slice(&group.length.to_le_bytes());
    }
    out.extend_from_slice(rows);
    out
}

/// `name length u16, name | sample u32 | label u64 | sketch length u16, sketch`.
pub(super) fn put_owner(out: &mut Vec<u8>, (name, sample, label): &Owner, sketch: &[u8]) {
    let name = name.as_str();
    out.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(&sample.to_le_bytes());
    out.extend_from_slice(&label.to_le_bytes());
    out.extend_from_slice(&u16::try_from(sketch.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(sketch);
}

/// `length u32, row`.
pub(super) fn put_row(out: &mut Vec<u8>, row: &[u8]) {
    out.extend_from_slice(&u32::try_from(row.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(row);
}

/// The groups that a table begins with, of a segment of at most so many rows; the reader is then at the rows.
pub(super) fn read_groups(r: &mut Reader<'_>, most: usize) -> Option<Vec<Group>> {
    let count = usize::try_from(u32::from_le_bytes(r.array()?)).ok().filter(|count| *count <= most)?;
    let mut groups = Vec::new();
    let mut rows = 0_usize;
    for _ in 0..count {
        let group = Group { rows: u32::from_le_bytes(r.array()?), length: u32::from_le_bytes(r.array()?) };
        rows = rows.saturating_add(usize::try_from(group.rows).ok()?);
        if group.rows == 0 || rows > most || usize::try_from(group.length).is_ok_and(|length| length > LONGEST) {
            return None;
        }
        groups.push(group);
    }
    Some(groups)
}

/// The rows that follow the groups, as many as these have; each sketch is handed to `sketch`.
pub(super) fn read_owners(
    r: &mut Reader<'_>,
    groups: &[Group],
    mut sketch: impl FnMut(&[u8]) -> Option<()>,
) -> Option<Vec<Owner>> {
    let count = groups.iter().fold(0_u32, |sum, group| sum.saturating_add(group.rows));
    let mut owners = Vec::new();
    for _ in 0..count {
        let length = usize::from(u16::from_le_bytes(r.array()?));
        let name = SubjectId::new_unrestricted(std::str::from_utf8(r.take(length)?).ok()?).ok()?;
        owners.push((name, u32::from_le_bytes(r.array()?), u64::from_le_bytes(r.array()?)));
        let length = usize::from(u16::from_le_bytes(r.array()?));
        sketch(r.take(length)?)?;
    }
    r.rest().is_empty().then_some(owners)
}

/// The bytes of the next row of a group.
pub(super) fn next_row<'a>(r: &mut Reader<'a>) -> Option<&'a [u8]> {
    let length = usize::try_from(u32::from_le_bytes(r.array()?)).ok()?;
    r.take(length)
}

/// Appends the rows of a group; whether they are as many as it says, and nothing else.
pub(super) fn read_rows<M: Stored>(modality: &M, content: &[u8], rows: u32, segment: &mut M::Segment) -> Option<()> {
    let mut r = Reader::new(content);
    for _ in 0..rows {
        modality.decode_row(segment, next_row(&mut r)?)?;
    }
    r.rest().is_empty().then_some(())
}
