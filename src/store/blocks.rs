//! A disk whose every block is authentic or unreadable.
//!
//! The engine checks what it reads for accidents after a crash, and for nothing else: a bit that fell over, or a file made up by
//! somebody, can bring it to a panic, and a panic in the middle of another ends the process. So it stands on blocks that are read with
//! their authentication code, and what does not fit is an error of the disk, which the engine takes as one.
//!
//! ```text
//! file   = head A | head B | block 1 | block 2 ...
//! head   = block 0 (4096) | number u64 | HMAC-SHA256(key, "selfsame/v1/head" | number | block)
//! block  = 4096 bytes | HMAC-SHA256(key, "selfsame/v1/block" | which u64 | block)
//! ```
//!
//! **A sync** takes two phases, whatever the engine asks for: all other blocks are synced before the first is written, and then the first
//! is. The engine writes every block but the first only while nothing refers to it, so one that a crash tore is never read, and
//! the first refers to no block that is not there. The first is written in place; it has two copies, which take turns, and the one
//! with the higher number counts: a crash leaves that of the last sync at least, which is what the engine expects of a crash.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

use crate::seal::{SecretKey, authentication_code};

/// Bytes of a block, the engine's smallest page.
const BLOCK: usize = 4096;
/// Bytes of an authentication code.
const CODE: usize = 32;
/// Bytes of a block in the file.
const STRIDE: usize = BLOCK + CODE;
/// Bytes of a copy of the first block in the file.
const HEAD: usize = BLOCK + 8 + CODE;

/// Blocks with codes on a disk without.
pub(super) struct Blocks<D> {
    disk: D,
    key: SecretKey,
    head: Mutex<Head>,
}

/// The first block.
struct Head {
    data: Vec<u8>,
    number: u64,
    /// Which copy holds it, as of the last sync.
    copy: usize,
    /// Whether it was changed after the last sync.
    changed: bool,
}

impl<D: StorageBackend> Blocks<D> {
    /// The blocks of a disk; of an empty one none.
    pub(super) fn new(disk: D, key: SecretKey) -> io::Result<Self> {
        let mut head = Head { data: vec![0; BLOCK], number: 0, copy: 1, changed: false };
        if disk.len()? > 0 {
            let mut found = false;
            for copy in 0..2 {
                if let Some((number, data)) = read_head(&disk, &key, copy)
                    && (!found || number > head.number)
                {
                    head = Head { data, number, copy, changed: false };
                    found = true;
                }
            }
            if !found {
                return Err(changed());
            }
        }
        Ok(Self { disk, key, head: Mutex::new(head) })
    }

    fn head(&self) -> MutexGuard<'_, Head> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of blocks.
    fn blocks(&self) -> io::Result<u64> {
        let rest = self.disk.len()?.saturating_sub(position(1)?);
        let has_head = self.disk.len()? >= position(1)?;
        Ok(rest.checked_div(wide(STRIDE)).unwrap_or(0).saturating_add(u64::from(has_head)))
    }

    fn code(&self, which: u64, data: &[u8]) -> [u8; CODE] {
        authentication_code(&self.key, &[b"selfsame/v1/block", &which.to_be_bytes(), data])
    }

    /// Reads whole blocks from number `first` (not 0) on.
    fn read_blocks(&self, first: u64, count: usize) -> io::Result<Vec<u8>> {
        let mut raw = vec![0; count.checked_mul(STRIDE).ok_or_else(outside)?];
        self.disk.read(position(first)?, &mut raw)?;
        let mut out = Vec::with_capacity(count.saturating_mul(BLOCK));
        for (which, stored) in (first..).zip(raw.chunks_exact(STRIDE)) {
            let (data, code) = stored.split_at_checked(BLOCK).ok_or_else(outside)?;
            // What is compared is on the disk for everybody to see; there is no time to hide.
            if self.code(which, data) != *code {
                return Err(changed());
            }
            out.extend_from_slice(data);
        }
        Ok(out)
    }

    fn write_blocks(&self, first: u64, data: &[u8]) -> io::Result<()> {
        let count = data.len().checked_div(BLOCK).unwrap_or(0);
        let mut raw = Vec::with_capacity(count.saturating_mul(STRIDE));
        for (which, block) in (first..).zip(data.chunks_exact(BLOCK)) {
            raw.extend_from_slice(block);
            raw.extend_from_slice(&self.code(which, block));
        }
        self.disk.write(position(first)?, &raw)
    }

    fn write_head(&self, at: usize, part: &[u8]) -> io::Result<()> {
        let mut head = self.head();
        let end = at.checked_add(part.len()).ok_or_else(outside)?;
        head.data.get_mut(at..end).ok_or_else(outside)?.copy_from_slice(part);
        head.changed = true;
        Ok(())
    }
}

impl<D: StorageBackend> StorageBackend for Blocks<D> {
    fn len(&self) -> io::Result<u64> {
        self.blocks()?.checked_mul(wide(BLOCK)).ok_or_else(outside)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (mut which, mut within) = place(offset)?;
        let mut out = out;
        if which == 0 && !out.is_empty() {
            let head = self.head();
            let len = out.len().min(BLOCK.saturating_sub(within));
            let (first, rest) = out.split_at_mut_checked(len).ok_or_else(outside)?;
            first.copy_from_slice(head.data.get(within..within.saturating_add(len)).ok_or_else(outside)?);
            (which, within, out) = (1, 0, rest);
        }
        if out.is_empty() {
            return Ok(());
        }
        let end = within.checked_add(out.len()).ok_or_else(outside)?;
        let data = self.read_blocks(which, end.div_ceil(BLOCK))?;
        out.copy_from_slice(data.get(within..end).ok_or_else(outside)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let blocks = len.div_ceil(wide(BLOCK));
        self.disk.set_len(if blocks == 0 { 0 } else { position(blocks)? })?;
        // The engine writes where a file ends into the first block, and gives up on a file that is shorter. A power failure that keeps the
        // one and loses the other would make such a file.
        self.sync_data()
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut head = self.head();
        self.disk.sync_data()?;
        if !head.changed {
            return Ok(());
        }
        let copy = 1_usize.saturating_sub(head.copy);
        let number = head.number.checked_add(1).ok_or_else(outside)?;
        let mut raw = head.data.clone();
        raw.extend_from_slice(&number.to_be_bytes());
        raw.extend_from_slice(&head_code(&self.key, number, &head.data));
        self.disk.write(wide(copy.saturating_mul(HEAD)), &raw)?;
        self.disk.sync_data()?;
        (head.number, head.copy, head.changed) = (number, copy, false);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let (mut which, mut within) = place(offset)?;
        let mut data = data;
        if which == 0 && !data.is_empty() {
            let (first, rest) = data.split_at(data.len().min(BLOCK.saturating_sub(within)));
            self.write_head(within, first)?;
            (which, within, data) = (1, 0, rest);
        }
        if data.is_empty() {
            return Ok(());
        }
        let end = within.checked_add(data.len()).ok_or_else(outside)?;
        let count = end.div_ceil(BLOCK);
        if within == 0 && end == count.saturating_mul(BLOCK) {
            return self.write_blocks(which, data);
        }
        // Part of a block: the engine does not do that. What was never written is zeros.
        let mut whole = self.read_blocks(which, count).unwrap_or_else(|_| vec![0; count.saturating_mul(BLOCK)]);
        whole.get_mut(within..end).ok_or_else(outside)?.copy_from_slice(data);
        self.write_blocks(which, &whole)
    }

    fn close(&self) -> io::Result<()> {
        if self.head().changed {
            self.sync_data()?;
        }
        self.disk.close()
    }
}

impl<D> std::fmt::Debug for Blocks<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Blocks")
    }
}

fn read_head(disk: &impl StorageBackend, key: &SecretKey, copy: usize) -> Option<(u64, Vec<u8>)> {
    let mut raw = vec![0; HEAD];
    disk.read(wide(copy.checked_mul(HEAD)?), &mut raw).ok()?;
    let (data, rest) = raw.split_at_checked(BLOCK)?;
    let (number, code) = rest.split_first_chunk::<8>()?;
    let number = u64::from_be_bytes(*number);
    (head_code(key, number, data) == *code).then(|| (number, data.to_vec()))
}

fn head_code(key: &SecretKey, number: u64, data: &[u8]) -> [u8; CODE] {
    authentication_code(key, &[b"selfsame/v1/head", &number.to_be_bytes(), data])
}

/// Where block `which` (not 0) begins in the file, and where the file of as many blocks ends.
fn position(which: u64) -> io::Result<u64> {
    let behind = which.checked_sub(1).and_then(|n| n.checked_mul(wide(STRIDE)));
    behind.and_then(|n| n.checked_add(wide(2 * HEAD))).ok_or_else(outside)
}

/// Block and place in it of a byte.
fn place(offset: u64) -> io::Result<(u64, usize)> {
    let which = offset.checked_div(wide(BLOCK)).ok_or_else(outside)?;
    let within = offset.checked_rem(wide(BLOCK)).and_then(|n| usize::try_from(n).ok()).ok_or_else(outside)?;
    Ok((which, within))
}

fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn outside() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "outside of the file")
}

/// What the engine, and then the caller, is told of a block that does not fit its code.
fn changed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a block is not authentic")
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;

    fn key() -> SecretKey {
        SecretKey::from_bytes(&[3; 32])
    }

    /// A disk that a test can change under the blocks.
    #[derive(Clone, Debug)]
    struct Shared(std::sync::Arc<InMemoryBackend>);

    impl StorageBackend for Shared {
        fn len(&self) -> io::Result<u64> {
            self.0.len()
        }
        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.0.read(offset, out)
        }
        fn set_len(&self, len: u64) -> io::Result<()> {
            self.0.set_len(len)
        }
        fn sync_data(&self) -> io::Result<()> {
            self.0.sync_data()
        }
        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.0.write(offset, data)
        }
    }

    fn disk() -> Shared {
        Shared(std::sync::Arc::new(InMemoryBackend::new()))
    }

    #[test]
    fn reads_what_was_written_wherever_it_begins() {
        let disk = disk();
        let blocks = Blocks::new(disk.clone(), key()).unwrap();
        assert_eq!(blocks.len().unwrap(), 0);
        blocks.set_len(10 * BLOCK as u64).unwrap();
        assert_eq!(blocks.len().unwrap(), 10 * BLOCK as u64);
        let data: Vec<u8> = (0..6 * BLOCK).map(|i| (i * 7 % 251) as u8).collect();
        blocks.write(0, &data).unwrap();
        blocks.write(2 * BLOCK as u64 + 100, &[1; 5000]).unwrap();
        blocks.write(8 * BLOCK as u64 + 9, &[2; 3]).unwrap();
        let mut model = data;
        model.resize(10 * BLOCK, 0);
        model[2 * BLOCK + 100..][..5000].fill(1);
        model[8 * BLOCK + 9..][..3].fill(2);
        blocks.sync_data().unwrap();
        for blocks in [&blocks, &Blocks::new(disk, key()).unwrap()] {
            for (from, len) in [(0, 320), (0, 6 * BLOCK), (4000, 200), (BLOCK, BLOCK), (8 * BLOCK, BLOCK), (17, 0)] {
                let mut out = vec![9; len];
                blocks.read(from as u64, &mut out).unwrap();
                assert!(out == model[from..from + len], "{from} {len}");
            }
            // Never written, and past the end.
            assert_eq!(blocks.read(7 * BLOCK as u64, &mut [0; 8]).unwrap_err().kind(), io::ErrorKind::InvalidData);
            assert!(blocks.read(10 * BLOCK as u64, &mut [0; 8]).is_err());
            assert!(blocks.read(u64::MAX, &mut [0; 8]).is_err());
        }
    }

    #[test]
    fn any_changed_byte_is_an_error_and_the_first_block_has_two_lives() {
        let disk = disk();
        let blocks = Blocks::new(disk.clone(), key()).unwrap();
        blocks.set_len(3 * BLOCK as u64).unwrap();
        let first = |blocks: &Blocks<Shared>| {
            let mut byte = [0];
            blocks.read(0, &mut byte).map(|()| byte[0])
        };
        blocks.write(0, &[1; 3 * BLOCK]).unwrap();
        blocks.sync_data().unwrap();
        blocks.write(0, &[2; 16]).unwrap();
        blocks.write(0, &[3; 16]).unwrap();
        let mut byte = [0];
        blocks.read(0, &mut byte).unwrap();
        assert_eq!(byte, [3]);
        assert_eq!(first(&Blocks::new(disk.clone(), key()).unwrap()).unwrap(), 1);
        blocks.sync_data().unwrap();
        assert_eq!(first(&Blocks::new(disk.clone(), key()).unwrap()).unwrap(), 3);
        let flip = |at: u64| {
            let mut byte = [0];
            disk.read(at, &mut byte).unwrap();
            disk.write(at, &[byte[0] ^ 16]).unwrap();
        };
        let (a, b) = (100, HEAD as u64 + 100);
        flip(b);
        let (with_b_torn, other) = (first(&Blocks::new(disk.clone(), key()).unwrap()).unwrap(), flip(b));
        flip(a);
        let with_a_torn = first(&Blocks::new(disk.clone(), key()).unwrap()).unwrap();
        let () = other;
        // One of the copies is that of the last sync, the other that of the sync before.
        assert_eq!(
            [with_a_torn, with_b_torn].iter().copied().collect::<std::collections::BTreeSet<u8>>(),
            [1, 3].into()
        );
        flip(b);
        assert!(Blocks::new(disk.clone(), key()).is_err());
        flip(a);
        flip(b);
        assert!(Blocks::new(disk.clone(), SecretKey::from_bytes(&[4; 32])).is_err());
        for at in 2 * HEAD..2 * HEAD + 2 * STRIDE {
            flip(at as u64);
            let which = 1 + (at - 2 * HEAD) / STRIDE;
            assert!(blocks.read((which * BLOCK) as u64, &mut [0; 8]).is_err(), "{at}");
            flip(at as u64);
        }
        // One block in the place of another.
        let mut raw = vec![0; STRIDE];
        disk.read(2 * HEAD as u64, &mut raw).unwrap();
        disk.write((2 * HEAD + STRIDE) as u64, &raw).unwrap();
        assert!(blocks.read(2 * BLOCK as u64, &mut [0; 8]).is_err());
    }
}
