//! Whether the entropy-coded data of a JPEG file hold the whole picture (ITU-T T.81, annexes F and G).
//!
//! Decoders fill what is missing, the strict ones too when it is less than a row of blocks or when somebody put an end
//! behind half a file. So the data are read once without making pixels of them: every block of every scan must be there, and in a
//! progressive file every coefficient to its last bit.

use super::super::error::ImageError;
use crate::bytes::Reader;
use crate::limits::Limits;

/// Coefficients of a block.
const BLOCK: usize = 64;
/// Components of a picture at most.
const MOST_COMPONENTS: usize = 4;
/// Scans of a picture at most, as the decoder allows them: a scan of a few bytes may say nothing of every block, and each is gone through.
const MAX_SCANS: usize = 100;
/// No bit of a coefficient is known yet.
const UNKNOWN: u8 = u8::MAX;

/// A component of the picture.
struct Component {
    id: u8,
    /// Sampling factors.
    across: usize,
    down: usize,
    /// Blocks of the component alone, and with those that fill up the last units.
    columns: usize,
    rows: usize,
    stride: usize,
    /// Of each block the coefficients that are not zero, one bit each; of progressive pictures.
    known: Vec<u64>,
    /// Of each coefficient the lowest bit that scans gave.
    lowest: [u8; BLOCK],
    /// Tables of the scan.
    tables: (usize, usize),
}

/// Codes of one table: by length the first code beyond, and the place of the length's first symbol.
#[derive(Clone, Default)]
struct Table {
    beyond: [u32; 17],
    first: [u32; 17],
    place: [usize; 17],
    symbols: Vec<u8>,
}

/// What a scan codes of each block.
#[derive(Clone, Copy)]
struct Spectrum {
    from: usize,
    to: usize,
    /// The bit that was coded before (0: none), and the bit that is coded now.
    high: u8,
    low: u8,
}

struct Picture {
    is_progressive: bool,
    components: Vec<Component>,
    /// Units across and down.
    units: (usize, usize),
    direct: [Table; 4],
    alternating: [Table; 4],
    restart: usize,
}

/// Refuses a file that lacks a part of its picture.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), ImageError> {
    let incomplete = || ImageError::Incomplete { format: "JPEG" };
    let mut r = Reader::new(bytes);
    let mut picture: Option<Picture> = None;
    let mut pending = (std::array::from_fn(|_| Table::default()), std::array::from_fn(|_| Table::default()), 0);
    let mut scans = 0_usize;
    r.take(2).ok_or_else(incomplete)?;
    loop {
        let marker = marker(&mut r).ok_or_else(incomplete)?;
        match marker {
            // The end.
            0xD9 => break,
            0x01 | 0xD0..=0xD8 => continue,
            _ => {}
        }
        let length = r.u16().and_then(|length| length.checked_sub(2)).ok_or_else(incomplete)?;
        let segment = r.take(usize::from(length)).ok_or_else(incomplete)?;
        match marker {
            0xC4 => tables(segment, picture.as_mut(), &mut pending).ok_or_else(|| damaged("a table of codes"))?,
            0xC0..=0xC2 if picture.is_some() => return Err(damaged("a second picture in the first")),
            0xC0..=0xC2 => {
                let (direct, alternating, restart) = std::mem::take(&mut pending);
                let mut found = frame(segment, marker == 0xC2, limits)?;
                (found.direct, found.alternating, found.restart) = (direct, alternating, restart);
                picture = Some(found);
            }
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCF => {
                return Err(damaged("a kind of JPEG that is not read: lossless or arithmetic"));
            }
            0xDD => {
                let interval =
                    Reader::new(segment).u16().map(usize::from).ok_or_else(|| damaged("a restart interval"))?;
                match &mut picture {
                    Some(picture) => picture.restart = interval,
                    None => pending.2 = interval,
                }
            }
            0xDA => {
                let picture = picture.as_mut().ok_or_else(|| damaged("data before their frame"))?;
                scans = scans.saturating_add(1);
                if scans > MAX_SCANS {
                    return Err(damaged("more than 100 scans"));
                }
                let used = picture.scan(segment, r.rest())?;
                r.take(used).ok_or_else(incomplete)?;
            }
            _ => {}
        }
    }
    let is_whole = |picture: &Picture| {
        !picture.is_progressive || picture.components.iter().all(|c| c.lowest.iter().all(|bit| *bit == 0))
    };
    if scans > 0 && picture.as_ref().is_some_and(is_whole) { Ok(()) } else { Err(incomplete()) }
}

fn damaged(what: &str) -> ImageError {
    ImageError::Damaged { format: "JPEG", reason: what.to_owned() }
}

/// The next marker; bytes before it are passed over, as decoders do.
fn marker(r: &mut Reader<'_>) -> Option<u8> {
    loop {
        if r.u8()? == 0xFF {
            let mut next = r.u8()?;
            while next == 0xFF {
                next = r.u8()?;
            }
            if next != 0 {
                return Some(next);
            }
        }
    }
}

/// Tables that come before the frame, and a restart interval.
type Pending = ([Table; 4], [Table; 4], usize);

fn tables(segment: &[u8], picture: Option<&mut Picture>, pending: &mut Pending) -> Option<()> {
    let (direct, alternating) = match picture {
        Some(picture) => (&mut picture.direct, &mut picture.alternating),
        None => (&mut pending.0, &mut pending.1),
    };
    let mut r = Reader::new(segment);
    while !r.rest().is_empty() {
        let kind = r.u8()?;
        let counts: [u8; 16] = r.array()?;
        let total = counts.iter().map(|count| usize::from(*count)).sum();
        let mut table = Table { symbols: r.take(total)?.to_vec(), ..Table::default() };
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, count) in (1_usize..).zip(counts) {
            *table.first.get_mut(length)? = code;
            *table.place.get_mut(length)? = place;
            code = code.checked_add(u32::from(count))?;
            place = place.checked_add(usize::from(count))?;
            *table.beyond.get_mut(length)? = code;
            code = code.checked_mul(2)?;
        }
        let group = if kind >> 4 == 0 { &mut *direct } else { &mut *alternating };
        *group.get_mut(usize::from(kind & 0xF))? = table;
    }
    Some(())
}

fn frame(segment: &[u8], is_progressive: bool, limits: &Limits) -> Result<Picture, ImageError> {
    let bad = || damaged("the frame");
    let mut r = Reader::new(segment);
    let (_, height, width) = (r.u8().ok_or_else(bad)?, r.u16().ok_or_else(bad)?, r.u16().ok_or_else(bad)?);
    limits.check_pixels(width.into(), height.into())?;
    let count = usize::from(r.u8().ok_or_else(bad)?);
    if width == 0 || height == 0 || count == 0 || count > MOST_COMPONENTS {
        return Err(bad());
    }
    let (width, height) = (usize::from(width), usize::from(height));
    let mut fields = Vec::new();
    for _ in 0..count {
        let [id, sampling, _] = r.array().ok_or_else(bad)?;
        let (across, down) = (usize::from(sampling >> 4), usize::from(sampling & 0xF));
        if !(1..=4).contains(&across) || !(1..=4).contains(&down) {
            return Err(bad());
        }
        fields.push((id, across, down));
    }
    let most = |side: fn(&(u8, usize, usize)) -> usize| fields.iter().map(side).max().unwrap_or(1);
    let (most_across, most_down) = (most(|f| f.1), most(|f| f.2));
    let units = (width.div_ceil(most_across.saturating_mul(8)), height.div_ceil(most_down.saturating_mul(8)));
    let component = |&(id, across, down): &(u8, usize, usize)| {
        let stride = units.0.saturating_mul(across);
        let blocks = if is_progressive { stride.saturating_mul(units.1.saturating_mul(down)) } else { 0 };
        Component {
            id,
            across,
            down,
            columns: width.saturating_mul(across).div_ceil(most_across).div_ceil(8),
            rows: height.saturating_mul(down).div_ceil(most_down).div_ceil(8),
            stride,
            known: vec![0; blocks],
            lowest: [UNKNOWN; BLOCK],
            tables: (0, 0),
        }
    };
    let components = fields.iter().map(component).collect();
    let (direct, alternating, restart) = Pending::default();
    Ok(Picture { is_progressive, components, units, direct, alternating, restart })
}

impl Picture {
    /// Reads a scan whose data follow; how many bytes they are.
    fn scan(&mut self, segment: &[u8], data: &[u8]) -> Result<usize, ImageError> {
        let bad = || damaged("the head of a scan");
        let mut r = Reader::new(segment);
        let count = usize::from(r.u8().ok_or_else(bad)?);
        let mut chosen = Vec::new();
        for _ in 0..count {
            let [id, tables] = r.array().ok_or_else(bad)?;
            let at =
                self.components.iter().position(|c| c.id == id).filter(|at| !chosen.contains(at)).ok_or_else(bad)?;
            if let Some(component) = self.components.get_mut(at) {
                component.tables = (usize::from(tables >> 4), usize::from(tables & 0xF));
            }
            chosen.push(at);
        }
        let [from, to, bits] = r.array().ok_or_else(bad)?;
        let mut spectrum = Spectrum { from: usize::from(from), to: usize::from(to), high: bits >> 4, low: bits & 0xF };
        if !self.is_progressive {
            spectrum = Spectrum { from: 0, to: BLOCK.saturating_sub(1), high: 0, low: 0 };
        }
        let fits = spectrum.from <= spectrum.to && spectrum.to < BLOCK && (spectrum.from == 0 || count == 1);
        if !fits || count == 0 || (self.is_progressive && spectrum.from == 0 && spectrum.to > 0) {
            return Err(bad());
        }
        let mut bits = Bits { data, at: 0, held: 0, count: 0 };
        self.blocks(&chosen, spectrum, &mut bits).ok_or(ImageError::Incomplete { format: "JPEG" })?;
        for at in chosen {
            let lowest = self.components.get_mut(at).and_then(|c| c.lowest.get_mut(spectrum.from..=spectrum.to));
            lowest.into_iter().flatten().for_each(|bit| *bit = spectrum.low);
        }
        Ok(bits.at)
    }

    /// All blocks of a scan; `None` where the data end before.
    fn blocks(&mut self, chosen: &[usize], spectrum: Spectrum, bits: &mut Bits<'_>) -> Option<()> {
        let alone = match chosen {
            [one] => self.components.get(*one).map(|c| (c.columns, c.rows)),
            _ => None,
        };
        let (across, down) = alone.unwrap_or(self.units);
        let mut run = 0;
        for unit in 0..across.checked_mul(down)? {
            if self.restart > 0 && unit > 0 && unit.checked_rem(self.restart) == Some(0) {
                bits.restart()?;
                run = 0;
            }
            let (column, row) = (unit.checked_rem(across)?, unit.checked_div(across)?);
            for &at in chosen {
                let component = self.components.get(at)?;
                let (width, height) = if alone.is_some() { (1, 1) } else { (component.across, component.down) };
                let (direct, alternating) = component.tables;
                let stride = component.stride;
                for block in 0..width.checked_mul(height)? {
                    let x = column.checked_mul(width)?.checked_add(block.checked_rem(width)?)?;
                    let y = row.checked_mul(height)?.checked_add(block.checked_div(width)?)?;
                    let place = y.checked_mul(stride)?.checked_add(x)?;
                    let tables = (self.direct.get(direct)?, self.alternating.get(alternating)?);
                    if self.is_progressive {
                        let known = self.components.get_mut(at)?.known.get_mut(place)?;
                        progressive(bits, tables, spectrum, known, &mut run)?;
                    } else {
                        sequential(bits, tables)?;
                    }
                }
            }
        }
        Some(())
    }
}

fn sequential(bits: &mut Bits<'_>, (direct, alternating): (&Table, &Table)) -> Option<()> {
    let size = bits.symbol(direct)?;
    bits.skip(size)?;
    let mut k = 1;
    while k < BLOCK {
        let symbol = bits.symbol(alternating)?;
        let (zeros, size) = (usize::from(symbol >> 4), symbol & 0xF);
        match (zeros, size) {
            (15, 0) => k = k.checked_add(16)?,
            (_, 0) => break,
            _ => {
                bits.skip(size)?;
                k = k.checked_add(zeros)?.checked_add(1)?;
            }
        }
    }
    Some(())
}

/// A block of a progressive scan. `run` counts blocks in which nothing more comes.
fn progressive(
    bits: &mut Bits<'_>,
    (direct, alternating): (&Table, &Table),
    spectrum: Spectrum,
    known: &mut u64,
    run: &mut u32,
) -> Option<()> {
    if spectrum.from == 0 {
        return if spectrum.high == 0 {
            let size = bits.symbol(direct)?;
            bits.skip(size)
        } else {
            bits.skip(1)
        };
    }
    let mut k = spectrum.from;
    if *run == 0 {
        while k <= spectrum.to {
            let symbol = bits.symbol(alternating)?;
            let (mut zeros, size) = (usize::from(symbol >> 4), symbol & 0xF);
            if size == 0 && zeros < 15 {
                let more = bits.take(u8::try_from(zeros).ok()?)?;
                *run = 1_u32.checked_shl(u32::try_from(zeros).ok()?)?.checked_add(more)?;
                break;
            }
            bits.skip(size)?;
            // Bits that refine what is known stand between the zeros that are counted.
            while k <= spectrum.to {
                if spectrum.high > 0 && *known >> k & 1 == 1 {
                    bits.skip(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros = zeros.checked_sub(1)?;
                }
                k = k.checked_add(1)?;
            }
            if size > 0 && k <= spectrum.to {
                *known |= 1_u64.checked_shl(u32::try_from(k).ok()?)?;
            }
            k = k.checked_add(1)?;
        }
    }
    if *run > 0 {
        *run = run.checked_sub(1)?;
        while spectrum.high > 0 && k <= spectrum.to {
            if *known >> k & 1 == 1 {
                bits.skip(1)?;
            }
            k = k.checked_add(1)?;
        }
    }
    Some(())
}

/// Bits of a scan, until a marker.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl Bits<'_> {
    /// Holds so many bits; `None` where a marker or the end comes before.
    fn hold(&mut self, wanted: u32) -> Option<()> {
        while self.count < wanted {
            let byte = *self.data.get(self.at)?;
            let step = if byte == 0xFF {
                // A zero behind it says that it is data.
                if *self.data.get(self.at.checked_add(1)?)? != 0 {
                    return None;
                }
                2
            } else {
                1
            };
            self.at = self.at.checked_add(step)?;
            self.held = self.held << 8 | u64::from(byte);
            self.count = self.count.checked_add(8)?;
        }
        Some(())
    }

    fn take(&mut self, bits: u8) -> Option<u32> {
        if bits == 0 {
            return Some(0);
        }
        self.hold(bits.into())?;
        self.count = self.count.checked_sub(bits.into())?;
        let mask = 1_u64.checked_shl(bits.into())?.checked_sub(1)?;
        u32::try_from(self.held >> self.count & mask).ok()
    }

    fn skip(&mut self, bits: u8) -> Option<()> {
        self.take(bits).map(|_| ())
    }

    fn symbol(&mut self, table: &Table) -> Option<u8> {
        let mut code = 0;
        for length in 1..=16 {
            code = code << 1 | self.take(1)?;
            if code < *table.beyond.get(length)? {
                let place = usize::try_from(code.checked_sub(*table.first.get(length)?)?).ok()?;
                return table.symbols.get(table.place.get(length)?.checked_add(place)?).copied();
            }
        }
        None
    }

    /// Passes over a restart marker, and the bits that fill up the byte before it.
    fn restart(&mut self) -> Option<()> {
        (self.held, self.count) = (0, 0);
        while *self.data.get(self.at)? == 0xFF && *self.data.get(self.at.checked_add(1)?)? == 0xFF {
            self.at = self.at.checked_add(1)?;
        }
        let marker = self.data.get(self.at..)?.first_chunk::<2>()?;
        self.at = self.at.checked_add(2)?;
        (marker[0] == 0xFF && (0xD0..=0xD7).contains(&marker[1])).then_some(())
    }
}
