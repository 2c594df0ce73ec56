//! `selfsame inspect`

use std::fmt::Write as _;

use selfsame::Limits;
use selfsame::draw::template_svg;
use selfsame::format::{Extension, Record, View};
use serde_json::{Value, json};

use crate::args::InspectArgs;
use crate::convert::read;
use crate::failure::Failure;
use crate::outcome::{Outcome, counted, number, shown_path};
use crate::{inspect_images as images, sample, write};

pub fn run(args: &InspectArgs) -> Result<Outcome, Failure> {
    write::check(&[args.svg.as_deref()], args.force.force)?;
    // A pipe is read once.
    let bytes = sample::bytes(&args.file, &Limits::default())?;
    if args.format.is_none()
        && let Some(outcome) = images::describe(args, &bytes)?
    {
        return Ok(outcome);
    }
    let (record, format) = read(&args.file, &bytes, args.format)?;
    if let Some(path) = &args.svg {
        let templates = record.to_templates().map_err(|e| Failure::at(&args.file, e))?;
        let Some(first) = templates.first() else {
            return Err(Failure::plain(format!("{}: no view to draw", args.file.display())));
        };
        write::output(path, template_svg(first).as_bytes(), args.force.force)?;
    }
    let views = counted(record.views.len() as u64, "view", "views");
    let mut text = format!("{}: {}, {views}\n", shown_path(&args.file), format.name());
    let device = record.device;
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "device {:#06x}, vendor {:#06x}, format {:#06x}, certification {:#04x}",
        device.id, device.vendor, device.subformat, device.certification
    );
    if let Some(wrapper) = &record.wrapper {
        let _ = writeln!(text, "wrapped, signature of {} bytes (not verified)", wrapper.signature.len());
    }
    for view in &record.views {
        describe(&mut text, view);
    }
    Ok(Outcome::done(text, to_json(&record, format.id())))
}

fn describe(text: &mut String, view: &View) {
    let quality = view.qualities.first().map_or("unknown".to_owned(), |q| q.score.to_string());
    let _ = writeln!(
        text,
        "view {} of {:?}: impression type {}, quality {quality}, {} x {} pixels at {} x {} per cm, {} minutiae, {} cores, {} \
         deltas",
        view.number,
        view.position,
        view.impression,
        view.width,
        view.height,
        view.x_resolution,
        view.y_resolution,
        view.minutiae.len(),
        view.cores().count(),
        view.deltas().count()
    );
    for extension in &view.extensions {
        let _ = match extension {
            Extension::RidgeCounts { counts, .. } => writeln!(text, "  {} ridge counts", counts.len()),
            Extension::Zones { cell_width, cell_height, bits, .. } => {
                writeln!(text, "  quality of zones of {cell_width} x {cell_height} pixels, {bits} bits")
            }
            Extension::Other { code, data } => writeln!(text, "  extension {code:#06x}, {} bytes", data.len()),
            Extension::Singular { .. } => Ok(()),
        };
    }
    if let Some(flow) = &view.ridge_flow {
        let _ = writeln!(text, "  ridge flow in {} x {} cells", flow.columns, flow.rows);
    }
}

fn to_json(record: &Record, format: &str) -> Value {
    let views: Vec<Value> = record.views.iter().map(view_json).collect();
    let device = record.device;
    json!({
        "format": format,
        "device": { "id": device.id, "vendor": device.vendor, "format": device.subformat,
            "certification": device.certification },
        "wrapped": record.wrapper.is_some(),
        "views": views,
    })
}

fn view_json(view: &View) -> Value {
    let minutiae: Vec<Value> = view
        .minutiae
        .iter()
        .map(|m| {
            let kind = format!("{:?}", m.kind).to_lowercase();
            let angle = number(m.direction.degrees());
            json!({ "x": number(m.x), "y": number(m.y), "angle_degrees": angle, "type": kind, "quality": m.quality })
        })
        .collect();
    let extensions: Vec<Value> = view
        .extensions
        .iter()
        .map(|e| match e {
            Extension::RidgeCounts { method, counts } => json!({ "ridge_counts": counts, "method": method }),
            Extension::Singular { cores, deltas } => json!({ "cores": cores.len(), "deltas": deltas.len() }),
            Extension::Zones { cell_width, cell_height, bits, .. } => {
                json!({ "zones": { "cell_width": cell_width, "cell_height": cell_height, "bits": bits } })
            }
            Extension::Other { code, data } => json!({ "code": code, "bytes": data.len() }),
        })
        .collect();
    json!({
        "position": view.position.code(),
        "number": view.number,
        "impression": view.impression,
        "qualities": view.qualities.iter().map(|q| q.score).collect::<Vec<_>>(),
        "width": view.width,
        "height": view.height,
        "pixels_per_cm": [view.x_resolution, view.y_resolution],
        "minutiae": minutiae,
        "extensions": extensions,
    })
}
