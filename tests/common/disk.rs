//! Disks that keep a diary, lose power, fail on purpose, and remember what was unlinked.

#![allow(dead_code, reason = "not every test that has disks uses all of them")]

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use selfsame::gallery::disk::{Access, Disk, DiskFile, DiskLock, LockKind, MemoryDisk};

/// What a disk writes in one step, bytes.
const SECTOR: usize = 512;

/// One request that changes something, in the order they were made.
#[derive(Clone, Debug)]
pub enum Op {
    Create { name: String, inode: usize },
    Write { inode: usize, offset: u64, bytes: Arc<[u8]> },
    SetLen { inode: usize, len: u64 },
    Sync { inode: usize },
    Rename { from: String, to: String },
    Remove { name: String },
    SyncNames { folder: String },
    Lock,
}

/// Names and contents. Contents that no name leads to are what was unlinked: they are still on the disk.
#[derive(Clone, Debug, Default)]
pub struct Image {
    pub names: BTreeMap<String, usize>,
    pub inodes: Vec<Vec<u8>>,
}

impl Image {
    fn inode(&mut self, number: usize) -> &mut Vec<u8> {
        if self.inodes.len() <= number {
            self.inodes.resize(number + 1, Vec::new());
        }
        &mut self.inodes[number]
    }

    pub fn apply(&mut self, op: &Op) {
        match op {
            Op::Create { name, inode } => {
                self.inode(*inode);
                self.names.insert(name.clone(), *inode);
            }
            Op::Write { inode, offset, bytes } => write(self.inode(*inode), *offset as usize, bytes),
            Op::SetLen { inode, len } => self.inode(*inode).resize(*len as usize, 0),
            Op::Rename { from, to } => {
                if let Some(inode) = self.names.remove(from) {
                    self.names.insert(to.clone(), inode);
                }
            }
            Op::Remove { name } => drop(self.names.remove(name)),
            Op::Sync { .. } | Op::SyncNames { .. } | Op::Lock => {}
        }
    }
}

fn write(bytes: &mut Vec<u8>, from: usize, data: &[u8]) {
    if bytes.len() < from + data.len() {
        bytes.resize(from + data.len(), 0);
    }
    bytes[from..from + data.len()].copy_from_slice(data);
}

/// How a disk fails, counted in requests that change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    Never,
    /// Everything from request `k` on, reads too.
    All(u64),
    /// From request `k` on whatever needs room: new files, and writes behind a file's end. A write that needs some does half of it.
    Growth(u64),
    /// Request `k` and no other.
    Once(u64),
    /// Requests `k` to `k + n`, then no more.
    For(u64, u64),
    /// Syncs from request `k` on; what was not synced is lost with the power and seen until then.
    Syncs(u64),
}

#[derive(Default)]
pub struct World {
    pub live: Image,
    pub diary: Vec<Op>,
    /// Requests so far that change something.
    pub asked: u64,
    failing: Option<Failing>,
}

impl World {
    /// Whether a request may be made.
    fn ask(&mut self, grows: bool, sync: bool) -> io::Result<()> {
        let k = self.asked;
        self.asked += 1;
        let fails = match self.failing.unwrap_or(Failing::Never) {
            Failing::Never => false,
            Failing::All(from) => k >= from,
            Failing::Growth(from) => grows && k >= from,
            Failing::Once(at) => k == at,
            Failing::For(from, count) => (from..=from + count).contains(&k),
            Failing::Syncs(from) => sync && k >= from,
        };
        if fails { Err(io::Error::from_raw_os_error(28)) } else { Ok(()) }
    }

    fn readable(&self) -> io::Result<()> {
        match self.failing {
            Some(Failing::All(from)) if self.asked >= from => Err(io::Error::from_raw_os_error(5)),
            _ => Ok(()),
        }
    }

    fn note(&mut self, op: Op) {
        self.live.apply(&op);
        self.diary.push(op);
    }
}

/// A folder of a world of disks. Clones are the same folder.
#[derive(Clone)]
pub struct Sim {
    pub world: Arc<Mutex<World>>,
    folder: &'static str,
    locks: MemoryDisk,
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sim({})", self.folder)
    }
}

impl Sim {
    pub fn new(image: Image, folder: &'static str) -> Self {
        let world = World { live: image, ..World::default() };
        Self { world: Arc::new(Mutex::new(world)), folder, locks: MemoryDisk::new() }
    }

    /// Another folder of the same world, on another disk that fails with it.
    pub fn beside(&self, folder: &'static str) -> Self {
        Self { world: Arc::clone(&self.world), folder, locks: MemoryDisk::new() }
    }

    pub fn fail(&self, failing: Failing) {
        self.world().failing = Some(failing);
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }
}

impl Disk for Sim {
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let mut world = self.world();
        world.readable()?;
        let path = self.path(name);
        let found = world.live.names.get(&path).copied();
        let inode = match (found, access) {
            (Some(_), Access::Create) => return Err(io::ErrorKind::AlreadyExists.into()),
            (Some(inode), _) => inode,
            (None, Access::Create) => {
                world.ask(true, false)?;
                let inode = world.live.inodes.len();
                world.note(Op::Create { name: path, inode });
                inode
            }
            (None, _) => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(Arc::new(SimFile { world: Arc::clone(&self.world), inode }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut world = self.world();
        world.ask(false, false)?;
        let (from, to) = (self.path(from), self.path(to));
        if !world.live.names.contains_key(&from) {
            return Err(io::ErrorKind::NotFound.into());
        }
        world.note(Op::Rename { from, to });
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut world = self.world();
        let name = self.path(name);
        if !world.live.names.contains_key(&name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        world.ask(false, false)?;
        world.note(Op::Remove { name });
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let world = self.world();
        world.readable()?;
        let inside = |name: &String| name.strip_prefix(self.folder)?.strip_prefix('/').map(str::to_owned);
        Ok(world.live.names.keys().filter_map(inside).collect())
    }

    fn sync(&self) -> io::Result<()> {
        let mut world = self.world();
        world.ask(false, true)?;
        world.note(Op::SyncNames { folder: self.folder.to_owned() });
        Ok(())
    }

    fn lock(&self, name: &str, kind: LockKind) -> io::Result<Option<Box<dyn DiskLock>>> {
        let mut world = self.world();
        world.ask(false, false)?;
        if !world.live.names.contains_key(&self.path(name)) {
            world.ask(true, false)?;
            let inode = world.live.inodes.len();
            world.note(Op::Create { name: self.path(name), inode });
        }
        world.note(Op::Lock);
        self.locks.lock(name, kind)
    }
}

struct SimFile {
    world: Arc<Mutex<World>>,
    inode: usize,
}

impl DiskFile for SimFile {
    fn len(&self) -> io::Result<u64> {
        let world = self.world.lock().unwrap();
        world.readable()?;
        Ok(world.live.inodes[self.inode].len() as u64)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let world = self.world.lock().unwrap();
        world.readable()?;
        let from = offset as usize;
        let end = from.checked_add(out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(world.live.inodes[self.inode].get(from..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut world = self.world.lock().unwrap();
        let len = world.live.inodes[self.inode].len();
        let asked = world.ask(offset as usize + bytes.len() > len, false);
        // A write that fails did some of it.
        let done = if asked.is_ok() { bytes.len() } else { bytes.len() / 2 };
        if done > 0 {
            world.note(Op::Write { inode: self.inode, offset, bytes: bytes[..done].into() });
        }
        asked
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut world = self.world.lock().unwrap();
        let grows = len as usize > world.live.inodes[self.inode].len();
        world.ask(grows, false)?;
        world.note(Op::SetLen { inode: self.inode, len });
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut world = self.world.lock().unwrap();
        world.ask(false, true)?;
        world.note(Op::Sync { inode: self.inode });
        Ok(())
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

/// What power failures leave of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// All of it: only the process ended.
    All,
    /// Nothing of it.
    Nothing,
    /// Names, and nothing of the contents.
    Names,
    /// Some of it, in any order, writes torn at sectors.
    Some,
}

/// The disk as an end right before entry `at` of the diary may leave it, `before` being what was there before the diary. Where `syncs` mean nothing, anything of the
/// diary may be lost.
pub fn crash(before: &Image, diary: &[Op], at: usize, left: Left, numbers: &mut Numbers, syncs: bool) -> Image {
    let mut image = before.clone();
    if left == Left::All {
        diary[..at].iter().for_each(|op| image.apply(op));
        return image;
    }
    // What is durable: of each content all up to its last sync, of names all up to the last sync of their folder.
    let synced_content = |inode: usize, i: usize| {
        syncs && diary[i..at].iter().any(|op| matches!(op, Op::Sync { inode: s } if *s == inode))
    };
    let folder_of = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let synced_name = |name: &str, i: usize| {
        let folder = folder_of(name);
        syncs && diary[i..at].iter().any(|op| matches!(op, Op::SyncNames { folder: s } if *s == folder))
    };
    // Names go in their order: once one is lost, so are those behind it of the same folder.
    let mut names_end: BTreeMap<String, bool> = BTreeMap::new();
    let mut contents: Vec<&Op> = Vec::new();
    let style = numbers.below(4);
    let survives = |numbers: &mut Numbers| match style {
        0 => true,
        1 => numbers.below(2) == 0,
        2 => numbers.below(8) == 0,
        _ => numbers.below(8) != 0,
    };
    for (i, op) in diary[..at].iter().enumerate() {
        match op {
            Op::Create { name, .. } | Op::Rename { to: name, .. } | Op::Remove { name } => {
                let ended = names_end.entry(folder_of(name)).or_default();
                let durable = synced_name(name, i);
                let lost = !durable
                    && (*ended
                        || match left {
                            Left::Nothing => true,
                            Left::Some => numbers.below(4) == 0,
                            _ => false,
                        });
                *ended |= lost;
                if let Op::Create { inode, .. } = op {
                    image.inode(*inode);
                }
                if !lost {
                    image.apply(op);
                }
            }
            Op::Write { inode, .. } | Op::SetLen { inode, .. } => {
                if synced_content(*inode, i) {
                    image.apply(op);
                } else if left == Left::Some {
                    contents.push(op);
                }
            }
            Op::Sync { .. } | Op::SyncNames { .. } | Op::Lock => {}
        }
    }
    if numbers.below(2) == 1 {
        for i in (1..contents.len()).rev() {
            contents.swap(i, numbers.below(i + 1));
        }
    }
    for op in contents {
        match op {
            Op::Write { inode, offset, bytes } => {
                let (offset, mut from) = (*offset as usize, 0);
                while from < bytes.len() {
                    let end = (((offset + from) / SECTOR + 1) * SECTOR - offset).min(bytes.len());
                    if survives(numbers) {
                        write(image.inode(*inode), offset + from, &bytes[from..end]);
                    }
                    from = end;
                }
            }
            // Growth may be lost; a shorter file loses what was written behind it anyway.
            Op::SetLen { inode, len } if survives(numbers) => {
                let bytes = image.inode(*inode);
                bytes.resize((*len as usize).max(if syncs { 0 } else { bytes.len() }), 0);
            }
            _ => {}
        }
    }
    image
}
