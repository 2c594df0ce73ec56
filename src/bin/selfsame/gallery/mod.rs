//! `selfsame gallery ...`: a sealed gallery in a folder.

mod change;
mod event;
mod keep;
mod key;
mod log;
mod look;
mod open;
mod probe;
mod proof;
mod samples;
mod transfer;

use crate::args::gallery::GalleryCommand;
use crate::failure::Failure;
use crate::outcome::Outcome;

pub fn run(command: &GalleryCommand) -> Result<Outcome, Failure> {
    match command {
        GalleryCommand::Create(args) => change::create(args),
        GalleryCommand::Enroll(args) => change::enroll(args),
        GalleryCommand::Update(args) => change::update(args),
        GalleryCommand::Delete(args) => change::delete(args),
        GalleryCommand::Erase(args) => change::erase(args),
        GalleryCommand::RotateKeys(args) => change::rotate_keys(args),
        GalleryCommand::Identify(args) => probe::identify(args),
        GalleryCommand::Verify(args) => probe::verify(args),
        GalleryCommand::Log(args) => log::run(args),
        GalleryCommand::Checkpoint(args) => proof::checkpoint(args),
        GalleryCommand::Prove(args) => proof::prove(args),
        GalleryCommand::VerifyProof(args) => proof::verify(args),
        GalleryCommand::RemoveSample(args) => change::remove_sample(args),
        GalleryCommand::List(args) => look::list(args),
        GalleryCommand::Info(args) => look::info(args),
        GalleryCommand::Check(args) => look::check(args),
        GalleryCommand::Compact(args) => keep::compact(args),
        GalleryCommand::RetireLog(args) => keep::retire_log(args),
        GalleryCommand::ReadArchive(args) => keep::read_archive(args),
        GalleryCommand::Export(args) => transfer::export(args),
        GalleryCommand::Import(args) => transfer::import(args),
    }
}
