//! What a fuzzer, which cannot seal, makes of an opened table or group: it is refused, or written back the same.

use super::table::{next_row, put_owner, put_row, read_groups, read_owners, read_rows, table as table_of};
use crate::bytes::Reader;
use crate::modality::{Rows, Segment, SelfSearch, Sketched, Stored};

/// A group: its rows are compared, too.
pub fn group<M: SelfSearch + Stored>(modality: &M, content: &[u8]) {
    let (mut segment, mut r, mut rows) = (modality.new_segment(), Reader::new(content), 0);
    while !r.rest().is_empty() && rows < 64 {
        if next_row(&mut r).is_none() {
            return;
        }
        rows += 1;
    }
    if read_rows(modality, content, rows, &mut segment).is_none() {
        return;
    }
    let mut again = Vec::new();
    for place in 0..segment.len() {
        let mut row = Vec::new();
        modality.encode_row(&segment, place, &mut row);
        put_row(&mut again, &row);
    }
    assert!(again == content, "rows changed on their way");
    let mut scratch = M::Scratch::default();
    for a in 0..segment.len().min(4) {
        let Some(probe) = modality.probe_of_row(&segment, a) else { continue };
        for b in 0..segment.len() {
            let _ = modality.compare_row(&probe, &segment, b, &mut scratch);
        }
    }
}

/// A table: its sketches are ranked, too, by a probe.
pub fn table<M: Sketched>(modality: &M, content: &[u8], probe: &M::Probe) {
    let (mut r, mut sketches, mut bytes) = (Reader::new(content), modality.new_sketches(), Vec::new());
    let Some(groups) = read_groups(&mut r, M::SEGMENT_ROWS) else { return };
    let keep = |sketch: &[u8]| {
        bytes.push(sketch.to_vec());
        modality.decode_sketch(&mut sketches, sketch)
    };
    let Some(owners) = read_owners(&mut r, &groups, keep) else { return };
    let mut rows = Vec::new();
    owners.iter().zip(&bytes).for_each(|(owner, sketch)| put_owner(&mut rows, owner, sketch));
    assert!(*table_of(&groups, &rows) == content, "a table changed on its way");
    let mut ranks = [Vec::new()];
    let all = Rows::all(0..sketches.len());
    modality.rank_sketches(&[probe], &sketches, all, &mut M::Scratch::default(), &mut ranks);
    assert!(sketches.len() == owners.len() && ranks[0].len() == owners.len() && ranks[0].iter().all(|r| r.is_finite()));
}
