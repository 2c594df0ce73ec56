//! The modality of faces.

use super::cosine::Cosine;
use super::form::{Form, FormError, Forms};
use super::groups::FaceScratch;
use super::probe::{FaceProbe, FaceReference};
use super::segment::{FaceSegment, components};
use super::{params, rank, scan};
use crate::face::embedding::{Embedding, FaceError, FaceModel};
use crate::modality::{Modality, Offers, Ranks, Rows};
use crate::simd::chunk::Chunk;
use crate::simd::dot::dot;
use crate::simd::panel::prefetch;

/// The face modality: embeddings compared by their cosine.
///
/// A comparison is one dot product with a fixed order of additions: the same bits on every machine, in either order.
///
/// ```
/// use selfsame::{Comparator, Embedding, Face};
/// let mut components = [1.0; 512];
/// let a = Embedding::from_slice(&components)?;
/// components[..256].fill(-1.0);
/// let b = Embedding::from_slice(&components)?;
/// let comparator = Comparator::<Face>::new();
/// assert!(comparator.compare_templates(&a, &b)?.value().abs() < 1e-6);
/// assert!(comparator.compare_templates(&a, &a)?.value() > 0.999_999);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An index keeps embeddings as *rows*, from which all scores are computed, and optionally in narrower forms too, which
/// a search reads first. Bytes beside the rows make an exact search four times faster because they bound every score;
/// bits make shortlists. The table is in [the module](crate::face::compare).
///
/// ```
/// use selfsame::face::compare::Form;
/// use selfsame::face::embedding::FaceModel;
/// use selfsame::index::{Index, Mode, Search};
/// use selfsame::synth::FaceGenerator;
/// use selfsame::{Cosine, Face, SubjectId};
///
/// let people = FaceGenerator::new(1);
/// let model = FaceModel::new("synthetic", "1", FaceGenerator::DIMENSION)?;
/// let mut index = Index::new(Face::of(model).with_scan(Form::I8)?.with_scan(Form::Bit)?);
/// for n in 0..50 {
///     index.insert(SubjectId::new(format!("person-{n}"))?, &people.embedding(n, 0))?;
/// }
/// let probe = index.prepare(&people.embedding(7, 1))?;
/// let exact = Search::top(3).at_least(Cosine::new(0.45)?);
/// let found = index.identify(&probe, &exact)?;
/// assert_eq!(found[0].subject.as_str(), "person-7");
/// assert_eq!(index.identify(&probe, &exact.mode(Mode::Shortlist { rows: 10 }))?, found);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Face {
    model: Option<FaceModel>,
    pub(super) forms: Forms,
}

impl Face {
    /// Accepts only embeddings of a model: those with its dimension that are not marked as another model's.
    #[must_use]
    pub fn of(model: FaceModel) -> Self {
        Self { model: Some(model), forms: Forms::default() }
    }

    /// The model of the embeddings, if it was set.
    #[must_use]
    pub fn model(&self) -> Option<&FaceModel> {
        self.model.as_ref()
    }

    /// Keeps rows, from which scores are computed, in this form; the default is [`Form::F32`].
    ///
    /// # Errors
    /// [`FormError`] when a scan that was set before is not narrower.
    pub fn with_rows(mut self, rows: Form) -> Result<Self, FormError> {
        self.forms.rows = rows;
        let scans = [(self.forms.scan_bytes, Form::I8), (self.forms.scan_bits, Form::Bit)];
        match scans.into_iter().find(|(asked, scan)| *asked && *scan >= rows) {
            Some((_, scan)) => Err(FormError { rows, scan }),
            None => Ok(self),
        }
    }

    /// Keeps rows in a narrower form too, [`Form::I8`] or [`Form::Bit`], for searches to read first. It may be called
    /// for both.
    ///
    /// # Errors
    /// [`FormError`] when it is not narrower than the rows, or one of floats.
    pub fn with_scan(mut self, scan: Form) -> Result<Self, FormError> {
        let rows = self.forms.rows;
        match scan {
            Form::I8 if scan < rows => self.forms.scan_bytes = true,
            Form::Bit if scan < rows => self.forms.scan_bits = true,
            _ => return Err(FormError { rows, scan }),
        }
        Ok(self)
    }

    fn check(&self, embedding: &Embedding) -> Result<(), FaceError> {
        self.model.as_ref().map_or(Ok(()), |model| model.check_embedding(embedding))
    }
}

impl Modality for Face {
    type Template = Embedding;
    type Probe = FaceProbe;
    type Reference = FaceReference;
    type Score = Cosine;
    type Segment = FaceSegment;
    type Scratch = FaceScratch;
    type Error = FaceError;

    const SEGMENT_ROWS: usize = params::SEGMENT_ROWS;
    const PROBES_PER_PASS: usize = params::PROBES_PER_PASS;

    fn rows_per_task(_: Option<usize>, _: usize) -> usize {
        params::ROWS_PER_TASK
    }

    fn prepare(&self, template: &Embedding) -> Result<FaceProbe, FaceError> {
        self.check(template)?;
        Ok(FaceProbe::new(template, self.forms.rows))
    }

    fn reference(&self, template: &Embedding) -> Result<FaceReference, FaceError> {
        self.check(template)?;
        Ok(FaceReference(template.clone()))
    }

    fn compare(
        &self,
        probe: &FaceProbe,
        FaceReference(reference): &FaceReference,
        _scratch: &mut FaceScratch,
    ) -> Result<Cosine, FaceError> {
        let (expected, given) = (reference.dimension(), probe.embedding.dimension());
        if expected != given {
            return Err(FaceError::Dimension { expected, given });
        }
        if let (Some(held), Some(given)) = (reference.model(), probe.embedding.model()) {
            held.check(given)?;
        }
        Ok(Cosine::rounded(dot(probe.embedding.chunks(), reference.chunks())))
    }

    fn new_segment(&self) -> FaceSegment {
        FaceSegment::new(self.forms)
    }

    fn check_segment(&self, segment: &FaceSegment, FaceReference(reference): &FaceReference) -> Result<(), FaceError> {
        self.check(reference)?;
        segment.check(reference)
    }

    fn value(score: Cosine) -> f32 {
        score.as_bar()
    }

    fn mean(scores: &[Cosine]) -> Cosine {
        Cosine::mean(scores)
    }

    fn compare_row(
        &self,
        probe: &FaceProbe,
        segment: &FaceSegment,
        row: usize,
        scratch: &mut FaceScratch,
    ) -> Result<Cosine, FaceError> {
        segment.check(&probe.embedding)?;
        let width = segment.layout().width();
        if let Some(floats) = segment.floats(row, 1) {
            return Ok(Cosine::rounded(dot(probe.embedding.chunks(), floats)));
        }
        scratch.widened.resize(scratch.widened.len().max(width), Chunk::ZERO);
        let widened = scratch.widened.get_mut(..width).unwrap_or_default();
        segment.load(row, widened);
        Ok(Cosine::rounded(dot(probe.embedding.chunks(), widened)))
    }

    fn prefetch_row(&self, segment: &FaceSegment, row: usize) {
        prefetch(segment.floats(row, 1).unwrap_or_default());
    }

    fn scan<O: Offers<Cosine>>(
        &self,
        probes: &[&FaceProbe],
        segment: &FaceSegment,
        rows: Rows<'_>,
        scratch: &mut FaceScratch,
        offers: &mut [O],
    ) -> Result<(), FaceError> {
        probes.iter().try_for_each(|probe| segment.check(&probe.embedding))?;
        let forms = segment.layout().forms;
        // The bounds of probes prepared for rows of another form do not hold.
        if forms.bytes() && probes.iter().all(|probe| probe.rows == forms.rows) {
            scan::by_bytes((scratch.bytes.of(probes), probes), segment, &rows, offers);
        } else {
            scan::by_floats(probes, segment, &rows, scratch, offers);
        }
        Ok(())
    }

    fn stages(&self) -> usize {
        usize::from(self.forms.bytes() || self.forms.bits())
    }

    fn rank<R: Ranks>(
        &self,
        _: usize,
        probes: &[&FaceProbe],
        segment: &FaceSegment,
        rows: Rows<'_>,
        scratch: &mut FaceScratch,
        ranks: &mut [R],
    ) -> Result<(), FaceError> {
        probes.iter().try_for_each(|probe| segment.check(&probe.embedding))?;
        if segment.layout().forms.bits() {
            rank::by_bits(scratch.bits.of(probes), segment, &rows, ranks);
        } else {
            rank::by_bytes((scratch.bytes.of(probes), probes), segment, &rows, ranks);
        }
        Ok(())
    }

    fn partitioned(&self) -> Option<[Self; 2]> {
        let kind = |rows, scan_bits| Self { model: None, forms: Forms { rows, scan_bytes: false, scan_bits } };
        Some([kind(Form::F32, true), kind(Form::Bit, false)])
    }

    fn vector(&self, segment: &FaceSegment, row: usize) -> Option<Vec<f32>> {
        components(segment, row, <[f32]>::to_vec)
    }

    fn push_vector(&self, segment: &mut FaceSegment, vector: &[f32]) {
        segment.push_vector(vector);
    }

    fn probe_of_vector(&self, vector: &[f32]) -> Option<FaceProbe> {
        Embedding::from_slice(vector).ok().map(|embedding| FaceProbe::new(&embedding, self.forms.rows))
    }
}
