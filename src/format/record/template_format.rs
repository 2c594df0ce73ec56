//! The formats of templates.

/// The formats of fingerprint templates; each edition of a standard is a separate format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TemplateFormat {
    /// ISO/IEC 19794-2:2005 finger minutiae record.
    Iso2005,
    /// ISO/IEC 19794-2:2011 finger minutiae record.
    Iso2011,
    /// ANSI/INCITS 378-2004.
    Ansi2004,
    /// ANSI/INCITS 378-2009.
    Ansi2009,
    /// ANSI/INCITS 378-2009 with its first amendment.
    Ansi2009Am1,
    /// ISO/IEC 19794-2 card format, 5 bytes a minutia.
    CardNormal,
    /// ISO/IEC 19794-2 compact card format, 3 bytes a minutia.
    CardCompact,
    /// NBIS text, NIST convention.
    XytNist,
    /// NBIS text, M1 convention.
    XytM1,
    /// SourceAFIS 3.x, CBOR.
    SourceAfis,
    /// CBEFF header of the PIV patron format around one of the others.
    Piv,
    /// Text: a line `x,y,angle_degrees,type,quality`, then one minutia a line: pixels at 500 ppi, degrees counter-clockwise
    /// from +x, `E` (ending), `B` (bifurcation) or `O` (other), quality 0 to 100.
    Csv,
    /// Text of a minutiae network: a line `width,height`, then `x,y,direction,type,quality` with pixels of an image whose
    /// resolution the reader must know, radians counter-clockwise from +x, quality 0 to 1. It is written at 500 ppi.
    CsvPixels,
    /// This crate's own template.
    Ssft,
}

impl TemplateFormat {
    /// All formats.
    pub const ALL: [Self; 14] = [
        Self::Iso2005,
        Self::Iso2011,
        Self::Ansi2004,
        Self::Ansi2009,
        Self::Ansi2009Am1,
        Self::CardNormal,
        Self::CardCompact,
        Self::XytNist,
        Self::XytM1,
        Self::SourceAfis,
        Self::Piv,
        Self::Csv,
        Self::CsvPixels,
        Self::Ssft,
    ];

    /// A short name without spaces, as used on the command line.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Iso2005 => "iso2005",
            Self::Iso2011 => "iso2011",
            Self::Ansi2004 => "ansi2004",
            Self::Ansi2009 => "ansi2009",
            Self::Ansi2009Am1 => "ansi2009am1",
            Self::CardNormal => "card",
            Self::CardCompact => "card-compact",
            Self::XytNist => "xyt",
            Self::XytM1 => "xyt-m1",
            Self::SourceAfis => "sourceafis",
            Self::Piv => "piv",
            Self::Csv => "csv",
            Self::CsvPixels => "csv-pixels",
            Self::Ssft => "ssft",
        }
    }

    /// The format with a short name.
    ///
    /// ```
    /// use selfsame::format::TemplateFormat;
    /// assert!(TemplateFormat::ALL.into_iter().all(|f| TemplateFormat::from_id(f.id()) == Some(f)));
    /// ```
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.id() == id)
    }

    /// The name of its standard or vendor.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Iso2005 => "ISO/IEC 19794-2:2005",
            Self::Iso2011 => "ISO/IEC 19794-2:2011",
            Self::Ansi2004 => "ANSI/INCITS 378-2004",
            Self::Ansi2009 => "ANSI/INCITS 378-2009",
            Self::Ansi2009Am1 => "ANSI/INCITS 378-2009/Am1",
            Self::CardNormal => "ISO/IEC 19794-2 card",
            Self::CardCompact => "ISO/IEC 19794-2 compact card",
            Self::XytNist => "NBIS xyt (NIST)",
            Self::XytM1 => "NBIS xyt (M1)",
            Self::SourceAfis => "SourceAFIS CBOR",
            Self::Piv => "CBEFF (PIV)",
            Self::Csv => "CSV",
            Self::CsvPixels => "pixel CSV",
            Self::Ssft => "selfsame template",
        }
    }
}
