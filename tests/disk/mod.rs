//! A disk that keeps a diary, and what a crash can make of it.

use std::io;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

/// Smallest unit that a disk writes whole, bytes.
pub const SECTOR: usize = 512;

/// What was asked of the disk.
#[derive(Clone)]
pub enum Op {
    Write(u64, Arc<[u8]>),
    SetLen(u64),
    Sync,
}

/// One entry of the diary: what was asked, and which keyring there was at that moment.
#[derive(Clone)]
pub struct Entry {
    pub op: Op,
    pub keyring: Arc<[u8]>,
}

#[derive(Default)]
pub struct State {
    pub bytes: Vec<u8>,
    pub diary: Vec<Entry>,
    /// Requests of any kind so far.
    pub asked: u64,
    /// From this request on everything fails.
    pub fail_from: Option<u64>,
    last_keyring: Arc<[u8]>,
}

/// The disk. Clones are the same disk.
#[derive(Clone)]
pub struct Disk {
    pub state: Arc<Mutex<State>>,
    keyring: Arc<Mutex<Vec<u8>>>,
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disk")
    }
}

impl Disk {
    /// A disk with this content; the diary notes the keyring of each moment.
    pub fn new(bytes: Vec<u8>, keyring: &Arc<Mutex<Vec<u8>>>) -> Self {
        let state = State { bytes, ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), keyring: Arc::clone(keyring) }
    }

    /// Fails from request number `k` on.
    pub fn failing_from(self, k: u64) -> Self {
        self.state.lock().unwrap().fail_from = Some(k);
        self
    }

    fn ask<T>(&self, work: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state.lock().unwrap();
        state.asked += 1;
        if state.fail_from.is_some_and(|k| state.asked > k) {
            return Err(io::Error::from_raw_os_error(28));
        }
        work(&mut state)
    }

    fn note(&self, state: &mut State, op: Op) {
        let keyring = self.keyring.lock().unwrap();
        if *state.last_keyring != **keyring {
            state.last_keyring = keyring.as_slice().into();
        }
        let keyring = Arc::clone(&state.last_keyring);
        state.diary.push(Entry { op, keyring });
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.ask(|state| Ok(state.bytes.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.ask(|state| {
            let from = usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
            let end = from.checked_add(out.len()).ok_or(io::ErrorKind::InvalidInput)?;
            out.copy_from_slice(state.bytes.get(from..end).ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.ask(|state| {
            state.bytes.resize(usize::try_from(len).map_err(|_| io::ErrorKind::InvalidInput)?, 0);
            self.note(state, Op::SetLen(len));
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.ask(|state| {
            self.note(state, Op::Sync);
            Ok(())
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.ask(|state| {
            let from = usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
            write(&mut state.bytes, from, data);
            self.note(state, Op::Write(offset, data.into()));
            Ok(())
        })
    }
}

fn write(bytes: &mut Vec<u8>, from: usize, data: &[u8]) {
    if bytes.len() < from + data.len() {
        bytes.resize(from + data.len(), 0);
    }
    bytes[from..from + data.len()].copy_from_slice(data);
}

fn apply(bytes: &mut Vec<u8>, op: &Op) {
    match op {
        Op::Write(offset, data) => write(bytes, *offset as usize, data),
        Op::SetLen(len) => bytes.resize(*len as usize, 0),
        Op::Sync => {}
    }
}

/// SplitMix64: numbers that are the same everywhere.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// What the disk synced, moving along its diary.
pub struct Synced {
    bytes: Vec<u8>,
    upto: usize,
}

impl Synced {
    pub fn new(start: Vec<u8>) -> Self {
        Self { bytes: start, upto: 0 }
    }

    /// The disk as a crash right before entry `at` of the diary may leave it: all up to the last sync, and of what came after it some, in
    /// any order, writes torn at sectors. A disk whose `syncs` mean nothing may lose anything of the diary. Calls must come with growing `at`.
    pub fn crash(&mut self, diary: &[Entry], at: usize, numbers: &mut Numbers, syncs: bool) -> Vec<u8> {
        let durable = if syncs { diary[..at].iter().rposition(|e| matches!(e.op, Op::Sync)).unwrap_or(0) } else { 0 };
        for entry in &diary[self.upto.min(durable)..durable] {
            apply(&mut self.bytes, &entry.op);
        }
        self.upto = self.upto.max(durable);
        let mut bytes = self.bytes.clone();
        let mut volatile: Vec<&Op> =
            diary[self.upto..at].iter().map(|e| &e.op).filter(|op| !matches!(op, Op::Sync)).collect();
        let (style, order) = (numbers.below(4), numbers.below(2));
        if order == 1 {
            for i in (1..volatile.len()).rev() {
                volatile.swap(i, numbers.below(i + 1));
            }
        }
        let survives = |numbers: &mut Numbers| match style {
            0 => true,
            1 => numbers.below(2) == 0,
            2 => numbers.below(8) == 0,
            _ => numbers.below(8) != 0,
        };
        for op in volatile {
            match op {
                Op::Write(offset, data) => {
                    let (offset, mut from) = (*offset as usize, 0);
                    while from < data.len() {
                        let end = ((offset + from) / SECTOR + 1) * SECTOR - offset;
                        let end = end.min(data.len());
                        if survives(numbers) {
                            write(&mut bytes, offset + from, &data[from..end]);
                        }
                        from = end;
                    }
                }
                Op::SetLen(len) if survives(numbers) => {
                    // Growth may be lost; a shorter file loses what was written behind it anyway.
                    bytes.resize((*len as usize).max(if syncs { 0 } else { bytes.len() }), 0);
                }
                _ => {}
            }
        }
        bytes
    }
}
