//! Many rows at once.

use super::error::FaceIndexError;
use super::params::ROWS_PER_LOCK;
use super::{FaceIndex, FaceInput};
use crate::face::embedding::Embedding;
use crate::format::npy::NpyRows;
use crate::format::raw::RawRows;
use crate::subject::SubjectId;

impl FaceIndex {
    /// Enrolls new subjects, one embedding each. Other threads may change and search the gallery meanwhile and see part of
    /// the rows.
    ///
    /// # Errors
    /// [`FaceIndexError::Names`], [`FaceIndexError::DuplicateRow`], [`FaceIndexError::Row`] and what else may be wrong with an
    /// embedding; then none of these subjects is enrolled.
    pub fn insert_rows<'a, I>(
        &self,
        subjects: &[SubjectId],
        rows: impl IntoIterator<Item = I>,
    ) -> Result<(), FaceIndexError>
    where
        I: Into<FaceInput<'a>>,
    {
        let mut rows = rows.into_iter();
        let mut given = 0;
        let next = |_| {
            let row = rows.next()?.into();
            given += 1;
            Some(self.model.read(&row).map(std::borrow::Cow::into_owned))
        };
        self.insert_each(subjects, next)?;
        // One row too many is enough, for there may be no end of them.
        if rows.next().is_some() {
            let (least, most) = rows.size_hint();
            let left = 1 + if most == Some(least) { least } else { 0 };
            subjects.iter().for_each(|subject| _ = self.remove(subject));
            return Err(FaceIndexError::Names { names: subjects.len(), rows: given + left });
        }
        Ok(())
    }

    /// Enrolls new subjects with the rows of a `.npy` file, for example one that is mapped into memory: rows are converted
    /// one by one, nothing is copied as a whole.
    ///
    /// ```
    /// use selfsame::face::index::{FaceIndex, FaceModel};
    /// use selfsame::format::npy::{NpyArray, NpyRows};
    /// use selfsame::SubjectId;
    /// let file = NpyArray::from_floats(2, 64, (0..128).map(|i| (i as f32).sin()).collect())?.encode();
    /// let index = FaceIndex::builder(FaceModel::new("example", "1", 64)?).build()?;
    /// index.insert_npy(&[SubjectId::new("ada")?, SubjectId::new("grace")?], &NpyRows::new(&file)?)?;
    /// assert_eq!(index.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`FaceIndex::insert_rows`].
    pub fn insert_npy(&self, subjects: &[SubjectId], rows: &NpyRows<'_>) -> Result<(), FaceIndexError> {
        self.insert_read(subjects, (rows.rows(), rows.columns()), |row, floats| rows.read(row, floats))
    }

    /// The same with the rows of a file of plain floats.
    ///
    /// # Errors
    /// As [`FaceIndex::insert_rows`].
    pub fn insert_raw(&self, subjects: &[SubjectId], rows: &RawRows<'_>) -> Result<(), FaceIndexError> {
        self.insert_read(subjects, (rows.rows(), rows.columns()), |row, floats| rows.read(row, floats))
    }

    /// Enrolls rows of a file of a shape, which `read` reads.
    fn insert_read(
        &self,
        subjects: &[SubjectId],
        (rows, columns): (usize, usize),
        read: impl Fn(usize, &mut [f32]) -> Option<()>,
    ) -> Result<(), FaceIndexError> {
        if subjects.len() != rows {
            return Err(FaceIndexError::Names { names: subjects.len(), rows });
        }
        let (expected, given) = (self.model.dimension(), columns);
        if expected != given {
            return Err(FaceIndexError::Dimension { expected, given });
        }
        let mut floats = vec![0.0; given];
        self.insert_each(subjects, |row| {
            read(row, &mut floats)?;
            Some(Embedding::from_slice(&floats).map_err(FaceIndexError::from))
        })
    }

    /// Enrolls one row after another; all or none. `next` gives row after row.
    fn insert_each(
        &self,
        subjects: &[SubjectId],
        mut next: impl FnMut(usize) -> Option<Result<Embedding, FaceIndexError>>,
    ) -> Result<(), FaceIndexError> {
        self.make_room(subjects.len())?;
        let mut batch = Vec::with_capacity(ROWS_PER_LOCK);
        // Rows that are enrolled.
        let mut done = 0;
        for (row, subject) in subjects.iter().enumerate() {
            let embedding = match next(row) {
                Some(Ok(embedding)) => Ok(embedding),
                Some(Err(FaceIndexError::Embedding(reason))) => Err(FaceIndexError::Row { row, reason }),
                Some(Err(other)) => Err(other),
                None => Err(FaceIndexError::Names { names: subjects.len(), rows: row }),
            };
            let failed = match embedding {
                Ok(embedding) => {
                    batch.push((subject, embedding));
                    let full = batch.len() == ROWS_PER_LOCK || row + 1 == subjects.len();
                    let new = if full { self.push_new(&mut batch) } else { 0 };
                    done += new;
                    (full && done <= row).then_some(FaceIndexError::DuplicateRow { row: done })
                }
                Err(error) => Some(error),
            };
            if let Some(error) = failed {
                subjects.iter().take(done).for_each(|subject| _ = self.remove(subject));
                return Err(error);
            }
        }
        Ok(())
    }
}
