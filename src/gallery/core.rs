//! The part of a gallery that is on the disk: what is written, in which order, and under which keys.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::anchor::{Anchor, AnchorError, AnchorState};
use super::error::GalleryError;
use super::params::{CHAIN, MANIFEST};
use super::record::{Directory, Manifest, ManifestError, Place, Sealed, Settings};
use super::tree::{self, Bucket, BucketHash, Hash, SubjectHash, Tree};
use crate::audit::{Chain, Event};
use crate::seal::{
    KeyProvider, Keyring, KeyringError, SecretKey, Zeroizing, subject_tag, unwrap_subject_key, wrap_subject_key,
};
use crate::store::{Change, Store, Table};
use crate::subject::SubjectId;

/// A subject's keyed name.
pub(super) type Tag = [u8; 32];

/// Where the keyring is kept.
pub(super) enum KeyringPlace {
    File(PathBuf),
    /// Nowhere: the caller keeps it, or the gallery ends with the process.
    Memory(Arc<std::sync::Mutex<Vec<u8>>>),
}

impl KeyringPlace {
    pub(super) fn save(&self, keyring: &Keyring) -> Result<(), KeyringError> {
        match self {
            Self::File(path) => keyring.save(path),
            Self::Memory(bytes) => {
                *bytes.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = keyring.encode();
                Ok(())
            }
        }
    }

    pub(super) fn load(&self) -> Result<Vec<u8>, KeyringError> {
        match self {
            Self::File(path) => Keyring::load(path),
            Self::Memory(bytes) => Ok(bytes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()),
        }
    }
}

/// Changes that become true together.
#[derive(Default)]
pub(super) struct Update {
    pub(super) changes: Vec<Change>,
    /// Subjects more (or less) than before.
    pub(super) subjects: i64,
    /// Records more (or less) than before, directories not counted.
    pub(super) records: i64,
    pub(super) settings: Option<Settings>,
    /// What the log says of it.
    pub(super) events: Vec<Event>,
}

impl Update {
    /// Nothing but an event.
    pub(super) fn event(event: Event) -> Self {
        Self { events: vec![event], ..Self::default() }
    }
}

/// A subject as it is stored, unlocked.
pub(super) struct Person {
    pub(super) tag: Tag,
    pub(super) key: SecretKey,
    pub(super) directory: Directory,
}

/// Store, keys, manifest and anchor.
pub(super) struct Core {
    pub(super) store: Box<dyn Store>,
    pub(super) keyring: Keyring,
    pub(super) keyring_place: KeyringPlace,
    pub(super) manifest: Manifest,
    /// The buckets as they are stored; [`Core::tree_fits`] says whether the manifest knows them.
    pub(super) tree: Tree,
    /// The end of the log.
    pub(super) chain: Chain,
    /// Events that go into the log with the next commit, and since when the first waits.
    pending: Vec<Event>,
    pending_since: Option<Instant>,
    tag_key: SecretKey,
    log_key: SecretKey,
    anchor: Option<Box<dyn Anchor>>,
    anchor_error: Option<AnchorError>,
    stopped: bool,
}

impl Core {
    /// A new gallery in an empty store.
    pub(super) fn create(
        store: Box<dyn Store>,
        keyring: Keyring,
        keyring_place: KeyringPlace,
        anchor: Option<Box<dyn Anchor>>,
        settings: Settings,
        event: Event,
    ) -> Result<Self, GalleryError> {
        if store.get(Table::State, MANIFEST)?.is_some() {
            return Err(GalleryError::Exists);
        }
        let tree = Tree::new();
        let (root, tag_key, log_key) = (tree.root(), keyring.tag_key(), keyring.log_key());
        let chain = Chain::new(keyring.gallery_id());
        let manifest = Manifest { counter: 0, subjects: 0, records: 0, root, log_size: 0, log_head: [0; 32], settings };
        let mut core = Self {
            store,
            keyring,
            keyring_place,
            manifest,
            tree,
            chain,
            pending: Vec::new(),
            pending_since: None,
            tag_key,
            log_key,
            anchor,
            anchor_error: None,
            stopped: false,
        };
        core.keyring_place.save(&core.keyring)?;
        core.commit(Update::event(event))?;
        core.anchored()?;
        Ok(core)
    }

    /// A gallery that is there: its manifest is authentic and not older than the anchor. Nothing else is checked yet.
    pub(super) fn open(
        store: Box<dyn Store>,
        keyring: Keyring,
        keyring_place: KeyringPlace,
        anchor: Option<Box<dyn Anchor>>,
    ) -> Result<Self, GalleryError> {
        let stored = store.get(Table::State, MANIFEST)?.ok_or(GalleryError::Missing { what: "the manifest" })?;
        let key = Manifest::epoch_of(&stored).map(|epoch| keyring.manifest_key_of(epoch));
        let manifest = match key {
            Ok(Ok(key)) => Manifest::open(&stored, &key, &keyring.gallery_id()),
            Ok(Err(_)) => Err(ManifestError::NotAuthentic),
            Err(e) => Err(e),
        };
        let manifest = manifest.map_err(|e| match e {
            ManifestError::Newer(format) => GalleryError::NewerFormat { format },
            ManifestError::NotAuthentic => GalleryError::Manifest,
        })?;
        let mut tree = Tree::new();
        store.scan(Table::Tree, &[], &mut |key, value| {
            if let [first] = key {
                // A row that is none leaves the empty one, which the manifest does not know.
                tree.decode_row(*first, value);
            }
            true
        })?;
        let (tag_key, log_key) = (keyring.tag_key(), keyring.log_key());
        // A chain that cannot be read is an empty one, which the manifest does not know.
        let stored_chain = store.get(Table::State, CHAIN)?.unwrap_or_default();
        let chain = Chain::decode(keyring.gallery_id(), &stored_chain);
        let chain = chain.unwrap_or_else(|_| Chain::new(keyring.gallery_id()));
        let mut core = Self {
            store,
            keyring,
            keyring_place,
            manifest,
            tree,
            chain,
            pending: Vec::new(),
            pending_since: None,
            tag_key,
            log_key,
            anchor,
            anchor_error: None,
            stopped: false,
        };
        core.check_anchor(&stored)?;
        Ok(core)
    }

    fn check_anchor(&mut self, stored: &[u8]) -> Result<(), GalleryError> {
        let Some(anchor) = &mut self.anchor else { return Ok(()) };
        let now = AnchorState { counter: self.manifest.counter, digest: tree::hash(stored) };
        if let Some(then) = anchor.get()? {
            let other = then.counter == now.counter && then.digest != now.digest;
            if now.counter < then.counter || other {
                return Err(GalleryError::RolledBack { found: now.counter, expected: then.counter });
            }
        }
        // The crash between a commit and the anchor's advance ends here.
        Ok(anchor.advance(now)?)
    }

    /// Whether the stored buckets are those that the manifest knows.
    pub(super) fn tree_fits(&self) -> bool {
        self.tree.root() == self.manifest.root
    }

    pub(super) fn gallery_id(&self) -> [u8; 16] {
        self.keyring.gallery_id()
    }

    pub(super) fn tag(&self, subject: &SubjectId) -> Tag {
        subject_tag(&self.tag_key, subject.as_str())
    }

    /// Makes changes, with new hashes, counts and manifest, in one commit.
    pub(super) fn commit(&mut self, update: Update) -> Result<(), GalleryError> {
        if self.stopped {
            return Err(GalleryError::Stopped);
        }
        let Update { mut changes, subjects, records, settings, events } = update;
        let mut chain = self.chain.clone();
        for event in self.pending.iter().chain(&events) {
            let number = chain.len();
            let entry = chain.append(&self.log_key, event)?;
            changes.push(Change::put(Table::Log, &number.to_be_bytes(), entry));
        }
        if chain != self.chain {
            changes.push(Change::put(Table::State, CHAIN, chain.encode()));
        }
        let changed = self.tree.with(self.buckets_after(&changes)?);
        for first in changed.rows() {
            changes.push(Change::put(Table::Tree, &[first], self.tree.encode_row(first, &changed)));
        }
        let mut manifest = self.manifest.clone();
        manifest.counter += 1;
        manifest.root = changed.root;
        manifest.subjects = manifest.subjects.saturating_add_signed(subjects);
        manifest.records = manifest.records.saturating_add_signed(records);
        manifest.log_size = chain.len();
        manifest.log_head = tree::hash(&chain.encode());
        if let Some(settings) = settings {
            manifest.settings = settings;
        }
        let sealed = manifest.seal(&self.keyring.manifest_key(), &self.gallery_id(), self.keyring.epoch())?;
        let state = AnchorState { counter: manifest.counter, digest: tree::hash(&sealed) };
        changes.push(Change::put(Table::State, MANIFEST, sealed));
        if let Err(e) = self.store.commit(changes) {
            // Whether it was committed is known when the store is opened again.
            self.stopped = true;
            return Err(e.into());
        }
        self.manifest = manifest;
        self.chain = chain;
        self.pending.clear();
        self.pending_since = None;
        self.tree.apply(changed);
        if let Some(anchor) = &mut self.anchor {
            self.anchor_error = anchor.advance(state).err();
        }
        Ok(())
    }

    /// Tells whether the anchor followed the last commit; asked once what is in memory follows it too.
    pub(super) fn anchored(&mut self) -> Result<(), GalleryError> {
        self.anchor_error.take().map_or(Ok(()), |e| Err(e.into()))
    }

    /// Keeps an event for the next commit.
    pub(super) fn note(&mut self, event: Event) {
        self.pending_since.get_or_insert_with(Instant::now);
        self.pending.push(event);
    }

    /// How many events wait, and for how long the first has.
    pub(super) fn waiting(&self) -> (usize, Duration) {
        (self.pending.len(), self.pending_since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self) -> Result<(), GalleryError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.commit(Update::default())
    }

    /// Whether the stored end of the log is the one that the manifest knows.
    pub(super) fn chain_fits(&self) -> bool {
        let manifest = &self.manifest;
        self.chain.len() == manifest.log_size && tree::hash(&self.chain.encode()) == manifest.log_head
    }

    pub(super) fn log_key(&self) -> &SecretKey {
        &self.log_key
    }

    /// After a failure that leaves it open what is on the disk.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// What the buckets that these changes touch become.
    fn buckets_after(&self, changes: &[Change]) -> Result<BTreeMap<Bucket, Hash>, GalleryError> {
        type Written<'a> = (Table, &'a [u8], Option<Hash>);
        let mut over: BTreeMap<Bucket, Vec<Written<'_>>> = BTreeMap::new();
        for change in changes {
            let (table, key, value) = match change {
                Change::Put { table, key, value } => (*table, key, Some(value)),
                Change::Delete { table, key } => (*table, key, None),
            };
            if let (Table::Keys | Table::Records, Some(&bucket)) = (table, key.first_chunk::<2>()) {
                over.entry(bucket).or_default().push((table, key, value.map(|value| tree::hash_sealed(value))));
            }
        }
        let mut buckets = BTreeMap::new();
        for (bucket, changes) in over {
            let mut entries: BTreeMap<(Table, Vec<u8>), Hash> = BTreeMap::new();
            for table in [Table::Keys, Table::Records] {
                self.store.scan(table, &bucket, &mut |key, value| {
                    entries.insert((table, key.to_vec()), tree::hash_sealed(value));
                    true
                })?;
            }
            for (table, key, hash) in changes {
                match hash {
                    Some(hash) => drop(entries.insert((table, key.to_vec()), hash)),
                    None => drop(entries.remove(&(table, key.to_vec()))),
                }
            }
            buckets.insert(bucket, bucket_hash(&entries));
        }
        Ok(buckets)
    }

    /// The stored subject, if there is one.
    pub(super) fn person(&self, subject: &SubjectId) -> Result<Option<Person>, GalleryError> {
        let tag = self.tag(subject);
        let Some(stored) = self.store.get(Table::Keys, &tag)? else { return Ok(None) };
        let damaged = || GalleryError::Seal(crate::seal::SealError::NotAuthentic);
        let key = self.subject_key(&tag, &stored).ok_or_else(damaged)?;
        let bytes = self.open_record(&key, &tag, Place::DIRECTORY, None)?;
        let directory = Directory::decode(&bytes).filter(|d| d.subject == *subject).ok_or_else(damaged)?;
        Ok(Some(Person { tag, key, directory }))
    }

    /// Opens a subject's stored key: `epoch u32 | wrapped`.
    pub(super) fn subject_key(&self, tag: &Tag, stored: &[u8]) -> Option<SecretKey> {
        let (epoch, wrapped) = stored.split_first_chunk::<4>()?;
        let epoch = u32::from_be_bytes(*epoch);
        let key = self.keyring.record_key(epoch).ok()?;
        unwrap_subject_key(&key, &self.gallery_id(), tag, epoch, wrapped).ok()
    }

    /// A subject's key as it is stored.
    pub(super) fn wrap(&self, tag: &Tag, key: &SecretKey) -> Result<Vec<u8>, GalleryError> {
        let epoch = self.keyring.epoch();
        let wrapped = wrap_subject_key(&self.keyring.record_key(epoch)?, &self.gallery_id(), tag, epoch, key)?;
        Ok([epoch.to_be_bytes().as_slice(), &wrapped].concat())
    }

    /// Reads and opens a record, in the version that its directory names.
    pub(super) fn open_record(
        &self,
        key: &SecretKey,
        tag: &Tag,
        place: Place,
        version: Option<u64>,
    ) -> Result<Zeroizing<Vec<u8>>, GalleryError> {
        let damaged = GalleryError::Seal(crate::seal::SealError::NotAuthentic);
        let Some(value) = self.store.get(Table::Records, &place.key(tag))? else { return Err(damaged) };
        let Some(sealed) = Sealed::read(&value).filter(|s| version.is_none_or(|v| v == s.version)) else {
            return Err(damaged);
        };
        Ok(sealed.open(key, self.gallery_id(), tag, place)?)
    }

    /// A change that writes a record.
    pub(super) fn seal_record(
        &self,
        key: &SecretKey,
        tag: &Tag,
        place: Place,
        version: u64,
        plaintext: &[u8],
    ) -> Result<Change, GalleryError> {
        let (id, epoch) = (self.gallery_id(), self.keyring.epoch());
        let sealed = Sealed::make(key, id, epoch, tag, place, version, plaintext)?;
        Ok(Change::put(Table::Records, &place.key(tag), sealed))
    }

    /// Another provider for the same master keys.
    pub(super) fn rewrap(&mut self, provider: &dyn KeyProvider) -> Result<(), GalleryError> {
        self.keyring.rewrap(provider)?;
        let saved = self.keyring_place.save(&self.keyring);
        if saved.is_err() {
            // The file has the old wrapping or the new one.
            self.stopped = true;
        }
        Ok(saved?)
    }
}

/// The hash of a bucket's keys and records.
fn bucket_hash(entries: &BTreeMap<(Table, Vec<u8>), Hash>) -> Hash {
    type Stored<'a> = (Option<&'a Hash>, Vec<(&'a [u8], &'a Hash)>);
    let mut people: BTreeMap<&[u8], Stored<'_>> = BTreeMap::new();
    for ((table, key), hash) in entries {
        let (tag, rest) = key.split_at(key.len().min(32));
        let person = people.entry(tag).or_default();
        match table {
            Table::Keys => person.0 = Some(hash),
            _ => person.1.push((rest, hash)),
        }
    }
    let mut bucket = BucketHash::default();
    for (tag, (key, records)) in people {
        let Ok(tag) = tag.try_into() else { continue };
        let mut person = SubjectHash::new(tag, key);
        records.iter().for_each(|(rest, hash)| person.add(rest, hash));
        bucket.add(&person.finish());
    }
    bucket.finish()
}
