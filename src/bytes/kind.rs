//! Kinds of files, detected from their first bytes, so that a refusal names what was given.

use std::fmt;

/// The kind of a file, detected from its first bytes.
///
/// ```
/// use selfsame::format::FileKind;
/// assert_eq!(FileKind::of(b"%PDF-1.7\n"), Some(FileKind::Pdf));
/// assert_eq!(FileKind::of(b"PK\x03\x04....").map(|kind| kind.to_string()).as_deref(), Some("a ZIP archive"));
/// assert_eq!(FileKind::of(b"hello"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// A finger minutiae record (ISO/IEC 19794-2, ANSI/INCITS 378).
    MinutiaeRecord,
    /// A finger image record (ISO/IEC 19794-4, ANSI/INCITS 381).
    ImageRecord,
    /// A face image record (ISO/IEC 19794-5).
    FaceRecord,
    /// An iris image record (ISO/IEC 19794-6).
    IrisRecord,
    /// An ANSI/NIST-ITL file.
    AnsiNist,
    /// An array of NumPy.
    Npy,
    /// A WSQ image.
    Wsq,
    /// A PNG image.
    Png,
    /// A JPEG image.
    Jpeg,
    /// A JPEG 2000 image.
    Jpeg2000,
    /// A JPEG XL image.
    JpegXl,
    /// A TIFF image.
    Tiff,
    /// A BigTIFF image.
    BigTiff,
    /// A GIF image.
    Gif,
    /// A BMP image.
    Bmp,
    /// A WebP image.
    Webp,
    /// A HEIC image.
    Heic,
    /// An AVIF image.
    Avif,
    /// A PDF document.
    Pdf,
    /// A ZIP archive; an archive of NumPy arrays (`.npz`) is one.
    Zip,
    /// A gzip stream.
    Gzip,
    /// A bzip2 stream.
    Bzip2,
    /// An xz stream.
    Xz,
    /// A Zstandard stream.
    Zstd,
    /// A 7-Zip archive.
    SevenZip,
    /// An XML document.
    Xml,
}

impl FileKind {
    /// The kind of a file that begins with these bytes; `None` when it is not known.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        if let Some(kind) = MAGICS.iter().find(|(magic, _)| starts(magic)) {
            return Some(kind.1);
        }
        match bytes.get(4..12) {
            Some([b'f', b't', b'y', b'p', brand @ ..]) => {
                return match brand {
                    b"avif" | b"avis" => Some(Self::Avif),
                    b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => Some(Self::Heic),
                    _ => None,
                };
            }
            Some([_, _, _, _, b'W', b'E', b'B', b'P']) if starts(b"RIFF") => return Some(Self::Webp),
            _ => {}
        }
        let bitmap = starts(b"BM") && bytes.get(6..10) == Some(&[0; 4]);
        bitmap.then_some(Self::Bmp)
    }

    /// What to do with such a file, where there is one answer.
    #[must_use]
    pub fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::BigTiff => "save the image as a TIFF of less than 4 GiB, or as PNG",
            Self::Jpeg2000 if !cfg!(feature = "jpeg2000") => "build with the feature `jpeg2000` to read such images",
            Self::Heic | Self::Avif | Self::Webp | Self::Gif | Self::JpegXl | Self::Pdf => "convert the image to PNG",
            Self::Zip | Self::Gzip | Self::Bzip2 | Self::Xz | Self::Zstd | Self::SevenZip => "unpack it first",
            _ => return None,
        })
    }
}

/// What files begin with.
const MAGICS: [(&[u8], FileKind); 30] = [
    (b"FMR\0", FileKind::MinutiaeRecord),
    (b"FIR\0", FileKind::ImageRecord),
    (b"FAC\0", FileKind::FaceRecord),
    (b"IIR\0", FileKind::IrisRecord),
    (b"1.001:", FileKind::AnsiNist),
    (b"1.01:", FileKind::AnsiNist),
    (b"\x93NUMPY", FileKind::Npy),
    (b"\xFF\xA0\xFF", FileKind::Wsq),
    (b"\x89PNG\r\n\x1A\n", FileKind::Png),
    (b"\xFF\xD8\xFF", FileKind::Jpeg),
    (b"\0\0\0\x0CjP  \r\n\x87\n", FileKind::Jpeg2000),
    (b"\xFF\x4F\xFF\x51", FileKind::Jpeg2000),
    (b"\0\0\0\x0CJXL \r\n\x87\n", FileKind::JpegXl),
    (b"\xFF\x0A", FileKind::JpegXl),
    (b"II\x2B\0", FileKind::BigTiff),
    (b"MM\0\x2B", FileKind::BigTiff),
    (b"II\x2A\0", FileKind::Tiff),
    (b"MM\0\x2A", FileKind::Tiff),
    (b"GIF87a", FileKind::Gif),
    (b"GIF89a", FileKind::Gif),
    (b"%PDF-", FileKind::Pdf),
    (b"PK\x03\x04", FileKind::Zip),
    (b"PK\x05\x06", FileKind::Zip),
    (b"\x1F\x8B\x08", FileKind::Gzip),
    (b"BZh", FileKind::Bzip2),
    (b"\xFD7zXZ\0", FileKind::Xz),
    (b"\x28\xB5\x2F\xFD", FileKind::Zstd),
    (b"7z\xBC\xAF\x27\x1C", FileKind::SevenZip),
    (b"<?xml", FileKind::Xml),
    (b"\xEF\xBB\xBF<?xml", FileKind::Xml),
];

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MinutiaeRecord => "a finger minutiae record (ISO/IEC 19794-2 or ANSI/INCITS 378)",
            Self::ImageRecord => "a finger image record (ISO/IEC 19794-4 or ANSI/INCITS 381)",
            Self::FaceRecord => "a face image record (ISO/IEC 19794-5)",
            Self::IrisRecord => "an iris image record (ISO/IEC 19794-6)",
            Self::AnsiNist => "an ANSI/NIST-ITL file",
            Self::Npy => "a NumPy array (.npy)",
            Self::Wsq => "a WSQ image",
            Self::Png => "a PNG image",
            Self::Jpeg => "a JPEG image",
            Self::Jpeg2000 => "a JPEG 2000 image",
            Self::JpegXl => "a JPEG XL image",
            Self::Tiff => "a TIFF image",
            Self::BigTiff => "a BigTIFF image",
            Self::Gif => "a GIF image",
            Self::Bmp => "a BMP image",
            Self::Webp => "a WebP image",
            Self::Heic => "a HEIC image",
            Self::Avif => "an AVIF image",
            Self::Pdf => "a PDF document",
            Self::Zip => "a ZIP archive",
            Self::Gzip => "a gzip stream",
            Self::Bzip2 => "a bzip2 stream",
            Self::Xz => "an xz stream",
            Self::Zstd => "a Zstandard stream",
            Self::SevenZip => "a 7-Zip archive",
            Self::Xml => "an XML document",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_detected_and_has_a_name() {
        for (magic, kind) in MAGICS {
            assert_eq!(FileKind::of(magic), Some(kind));
            assert_eq!(FileKind::of(&magic[..magic.len() - 1]), None, "{kind}");
            assert!(kind.to_string().starts_with('a'));
        }
        assert_eq!(FileKind::of(b"\0\0\0\x18ftypheic\0\0\0\0"), Some(FileKind::Heic));
        assert_eq!(FileKind::of(b"\0\0\0\x18ftypavif"), Some(FileKind::Avif));
        assert_eq!(FileKind::of(b"\0\0\0\x18ftypqt  "), None);
        assert_eq!(FileKind::of(b"RIFF\x10\0\0\0WEBPVP8 "), Some(FileKind::Webp));
        assert_eq!(FileKind::of(b"RIFF\x10\0\0\0WAVEfmt "), None);
        assert_eq!(FileKind::of(b"BM\x46\0\0\0\0\0\0\0"), Some(FileKind::Bmp));
        assert_eq!(FileKind::of(b"BMx,y"), None);
        assert_eq!(FileKind::of(b""), None);
        assert_eq!(FileKind::Gzip.advice(), Some("unpack it first"));
        assert_eq!(FileKind::Png.advice(), None);
    }
}
