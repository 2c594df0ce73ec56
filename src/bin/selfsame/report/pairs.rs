//! The pairs that went wrong first: genuine ones of low score and impostor ones of high score. Names are told; pictures are
//! made only if asked for, because they show people's fingers.

use selfsame::draw::{Compared, ShownPrint};
use selfsame::eval::protocol::{PairScore, SampleName};
use selfsame::{Comparator, Finger, FingerTemplate, Ppi, Threshold};

use super::page::Section;
use crate::choice;
use crate::failure::Failure;
use crate::folder::Listing;
use crate::sample::{self, Sample};

/// Pairs of each kind that are named when no pictures are asked for.
const NAMED: usize = 5;

/// What the section is made of.
pub struct Pairs<'a> {
    pub names: &'a [SampleName],
    pub pairs: &'a [PairScore<f64>],
    /// Templates of the probes and of the references.
    pub templates: [&'a [Option<FingerTemplate>]; 2],
    pub listing: &'a Listing,
    pub ppi: Option<Ppi>,
    /// The score that makes a match.
    pub threshold: Threshold,
    /// Pictures of each kind.
    pub pictures: Option<u8>,
}

impl Pairs<'_> {
    pub fn section(&self) -> Result<Section, Failure> {
        let count = self.pictures.map_or(NAMED, usize::from);
        let mut section = Section::new("Worst genuine and best impostor pairs");
        let (worst, best) = (self.first(true, count), self.first(false, count));
        let rows = |kind: &str, pairs: &[&PairScore<f64>]| -> Vec<Vec<String>> {
            pairs
                .iter()
                .map(|p| vec![kind.to_owned(), self.named(p.probe), self.named(p.reference), scored(p)])
                .collect()
        };
        let rows = [rows("genuine", &worst), rows("impostor", &best)].concat();
        section.table(&["pair", "probe", "reference", "score"], &rows);
        section.note(if self.pictures.is_some() {
            "These pictures show people's fingers, and so does this file. A high score between two names can be one finger under two names."
        } else {
            "Without pictures, which would show people's fingers: --show-prints N makes them. A high score between two names can be one \
             finger under two names."
        });
        if self.pictures.is_some() {
            for pair in worst.iter().chain(&best) {
                self.picture(&mut section, pair)?;
            }
        }
        Ok(section)
    }

    /// The first pairs of a kind: genuine from the lowest score, impostor from the highest; equal ones in their order.
    fn first(&self, is_genuine: bool, count: usize) -> Vec<&PairScore<f64>> {
        let subject = |i: usize| self.names.get(i).map(SampleName::subject);
        let kind = |p: &&PairScore<f64>| (subject(p.probe) == subject(p.reference)) == is_genuine;
        let mut pairs: Vec<_> = self.pairs.iter().filter(kind).collect();
        let score = |p: &PairScore<f64>| p.score.unwrap_or(0.0);
        pairs.sort_by(|p, q| if is_genuine { score(p).total_cmp(&score(q)) } else { score(q).total_cmp(&score(p)) });
        pairs.truncate(count);
        pairs
    }

    fn named(&self, sample: usize) -> String {
        self.names.get(sample).map_or_else(String::new, |n| n.as_str().to_owned())
    }

    fn picture(&self, section: &mut Section, pair: &PairScore<f64>) -> Result<(), Failure> {
        let template = |side: usize, i: usize| self.templates.get(side)?.get(i)?.as_ref();
        let (Some(a), Some(b)) = (template(0, pair.probe), template(1, pair.reference)) else { return Ok(()) };
        let image = |i: usize| {
            let (_, path) = self.listing.files.get(i)?;
            // It was read before, with everything noted; what cannot be read any more is drawn without its image.
            match choice::unnoted(|| sample::load(path, self.ppi)).ok()? {
                Sample::Image(image) => Some(image),
                Sample::Template(_) => None,
            }
        };
        let images = [image(pair.probe), image(pair.reference)];
        let names = [self.named(pair.probe), self.named(pair.reference)];
        let explanation = Comparator::<Finger>::new().explain(a, b);
        let compared = Compared {
            probe: ShownPrint { template: a, image: images[0].as_ref(), name: &names[0] },
            reference: ShownPrint { template: b, image: images[1].as_ref(), name: &names[1] },
            explanation: &explanation,
            threshold: self.threshold,
        };
        let svg = compared.to_svg().map_err(|e| Failure::new("cannot draw a pair", e))?;
        section.print(&format!("{} and {}", names[0], names[1]), &svg);
        Ok(())
    }
}

fn scored(pair: &PairScore<f64>) -> String {
    pair.score.map_or("no template: 0 dB".to_owned(), |score| format!("{score:.1} dB"))
}
