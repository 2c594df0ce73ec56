//! Landmarks of faces: ten numbers, or a file that has them for many pictures.

use std::collections::HashMap;
use std::path::Path;

use selfsame::Limits;
use selfsame::face::align::Landmarks;
use serde_json::Value;

use crate::failure::{Failure, Kind};
use crate::sample;

/// Where the landmarks of pictures are said.
pub enum Said {
    /// Of the only picture.
    One(Landmarks),
    /// By the name of the picture's file.
    Each(HashMap<String, Landmarks>),
}

impl Said {
    /// Ten numbers with commas between them, or the name of a file.
    pub fn of(text: &str) -> Result<Self, Failure> {
        let failed = |what: &str| Failure::usage(format!("--landmarks: {what}"));
        let numbers: Result<Vec<f32>, _> = text.split(',').map(|number| number.trim().parse()).collect();
        match numbers {
            Ok(numbers) => points(&numbers)
                .ok_or_else(|| failed("ten numbers are needed, x and y of five points"))?
                .map(Self::One)
                .map_err(|e| Failure::new("--landmarks", e).of(Kind::Usage)),
            Err(_) if text.contains(',') => Err(failed("ten numbers are needed, x and y of five points, or a file")),
            Err(_) => Self::file(Path::new(text)).map(Self::Each),
        }
    }

    /// Landmarks by names: an object of JSON, or lines `name,x,y,...`.
    fn file(path: &Path) -> Result<HashMap<String, Landmarks>, Failure> {
        let bytes = sample::bytes(path, &Limits::default())?;
        let text = String::from_utf8(bytes).map_err(|_| Failure::plain(format!("{}: not UTF-8", path.display())))?;
        let bad = |name: &str, why: String| Failure::plain(format!("{}: {name}: {why}", path.display()));
        let mut found = HashMap::new();
        let mut add = |name: &str, numbers: &[f32]| -> Result<(), Failure> {
            let needed = || bad(name, format!("ten numbers are needed, not {}", numbers.len()));
            let landmarks = points(numbers).ok_or_else(needed)?.map_err(|e| bad(name, e.to_string()))?;
            match found.insert(name.to_owned(), landmarks) {
                Some(_) => Err(bad(name, "named twice: one face for each picture".to_owned())),
                None => Ok(()),
            }
        };
        if text.trim_start().starts_with('{') {
            let Ok(Value::Object(all)) = serde_json::from_str(&text) else {
                return Err(Failure::plain(format!("{}: not an object of JSON", path.display())));
            };
            for (name, value) in &all {
                add(name, &flat(value).ok_or_else(|| bad(name, "ten numbers or five pairs are needed".to_owned()))?)?;
            }
            return Ok(found);
        }
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        for (number, line) in lines {
            let mut fields = line.split(',').map(str::trim);
            let name = fields.next().unwrap_or_default();
            let numbers: Result<Vec<f32>, _> = fields.map(str::parse).collect();
            match numbers {
                Ok(numbers) => add(name, &numbers)?,
                // A line of headings.
                Err(_) if number == 0 => {}
                Err(e) => return Err(bad(&format!("line {}", number + 1), e.to_string())),
            }
        }
        Ok(found)
    }

    /// The landmarks of a picture.
    pub fn at(&self, path: &Path) -> Result<Landmarks, Failure> {
        match self {
            Self::One(landmarks) => Ok(*landmarks),
            Self::Each(all) => {
                let name = |part: Option<&std::ffi::OsStr>| part.and_then(|p| all.get(&*p.to_string_lossy()));
                let found = name(path.file_name()).or_else(|| name(path.file_stem()));
                found
                    .copied()
                    .ok_or_else(|| Failure::plain(format!("{}: no landmarks are said for it", path.display())))
            }
        }
    }
}

/// Numbers of an array, nested or not.
fn flat(value: &Value) -> Option<Vec<f32>> {
    match value {
        Value::Number(number) => Some(vec![number.as_f64()? as f32]),
        Value::Array(parts) => parts.iter().map(flat).collect::<Option<Vec<_>>>().map(|parts| parts.concat()),
        _ => None,
    }
}

fn points(numbers: &[f32]) -> Option<Result<Landmarks, selfsame::face::align::AlignError>> {
    let (points, rest) = numbers.as_chunks::<2>();
    let points: [[f32; 2]; 5] = points.try_into().ok().filter(|_| rest.is_empty())?;
    Some(Landmarks::new(points.map(|[x, y]| (x, y))))
}
