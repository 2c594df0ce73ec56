//! Files of several prints and files that say something else than the user, as the command reads them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use selfsame::format::an2k::{An2kFile, Record, TaggedRecord, Transaction};
use selfsame::format::{DecodeOptions, Record as Templates, TemplateFormat, decode, encode};
use selfsame::image::Gray8;
use selfsame::{FingerPosition, FingerTemplate, Limits, Ppi};

fn selfsame(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_selfsame")).args(args).output().expect("runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a name")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn gray(name: &str) -> Gray8 {
    Gray8::decode(&fs::read(fixture(name)).unwrap(), &Limits::default()).unwrap()
}

const THUMB: &str = "print_0_0_optical_clean.png";
const LITTLE: &str = "print_3_0_optical_good.png";

/// An exchange file with a right thumb and a left little finger.
fn two_fingers(ppi: f32) -> Vec<u8> {
    let head =
        Transaction { kind: "DEMO", date: "20261130", destination: "DAI000000", origin: "ORI000000", control: "1" };
    let mut file = An2kFile::new(&head);
    for (idc, position, name) in [(1, FingerPosition::RightThumb, THUMB), (2, FingerPosition::LeftLittle, LITTLE)] {
        let encoding = selfsame::format::finger_image::ImageEncoding::Png;
        let image =
            TaggedRecord::finger_image(idc, &gray(name), position, Ppi::new(ppi).unwrap(), encoding, "ORI", "20261130");
        file.push(Record::Tagged(image.unwrap())).unwrap();
    }
    file.encode().unwrap()
}

#[test]
fn the_chosen_finger_is_read_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (path, thumb, little) = (folder.path().join("two.an2"), fixture(THUMB), fixture(LITTLE));
    fs::write(&path, two_fingers(500.0)).unwrap();
    let compare = |other: &Path, finger: &[&str]| {
        selfsame(&[&["compare", text(&path), text(other), "--ppi", "500"], finger].concat())
    };
    let refused = compare(&thumb, &[]);
    let listed = said(&refused);
    assert_eq!(refused.status.code(), Some(3), "{listed}");
    assert!(listed.contains("right thumb") && listed.contains("left little finger"), "{listed}");
    assert_eq!(compare(&thumb, &["--finger", "right-thumb"]).status.code(), Some(0));
    assert_eq!(compare(&little, &["--finger", "right-thumb"]).status.code(), Some(1));
    assert_eq!(compare(&little, &["--finger", "left-little"]).status.code(), Some(0));
    assert_eq!(compare(&little, &["--finger", "left-index"]).status.code(), Some(3));
}

#[test]
fn a_single_print_of_another_finger_is_refused_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("thumb.fir"), folder.path().join("out"));
    let encoding = selfsame::format::finger_image::ImageEncoding::Png;
    let edition = selfsame::format::finger_image::Edition::Iso2005;
    let written = |position| {
        let images = [(&gray(THUMB), position)];
        let record =
            selfsame::format::finger_image::FingerImageRecord::from_images(edition, &images, Ppi::P500, encoding);
        fs::write(&path, record.unwrap().encode().unwrap()).unwrap();
    };
    let all = |finger: &str| {
        let thumb = fixture(THUMB);
        let (ssft, png) = (text(&out).to_owned() + ".ssft", text(&out).to_owned() + ".png");
        [
            selfsame(&["extract", text(&path), "--ppi", "500", "--finger", finger, "-o", &ssft, "--force"]),
            selfsame(&["convert-image", text(&path), &png, "--finger", finger, "--force"]),
            selfsame(&["compare", text(&path), text(&thumb), "--ppi", "500", "--finger", finger]),
        ]
    };
    written(FingerPosition::RightThumb);
    for output in all("left-little") {
        assert!(output.status.code() == Some(3) && said(&output).contains("right-thumb"), "{}", said(&output));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // The right one, and one that nobody named, are read.
    all("right-thumb").iter().for_each(|output| assert_eq!(output.status.code(), Some(0), "{}", said(output)));
    written(FingerPosition::Unknown);
    all("left-little").iter().for_each(|output| assert_eq!(output.status.code(), Some(0), "{}", said(output)));
}

#[test]
fn the_users_resolution_wins_and_a_difference_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.an2");
    fs::write(&path, two_fingers(250.0)).unwrap();
    let thumb = fixture(THUMB);
    let args = ["compare", text(&path), text(&thumb), "--finger", "right-thumb", "--ppi", "500"];
    let output = selfsame(&args);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("states 250 ppi, and --ppi 500 was used"), "{}", said(&output));
    let json = selfsame(&[&args[..], &["--json"]].concat());
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(document["notes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_view_is_chosen_and_padding_is_mended_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let template = |name: &str| {
        let image = selfsame::FingerImage::decode(&fs::read(fixture(name)).unwrap(), Ppi::P500, &Limits::default());
        selfsame::Extractor::new().extract(&image.unwrap()).unwrap()
    };
    let both: Vec<FingerTemplate> = vec![template(THUMB), template(LITTLE)];
    let (mut bytes, _) = encode(&Templates::from_templates(&both), TemplateFormat::Iso2005);
    let record = decode(&bytes, &DecodeOptions::default(), &Limits::default()).unwrap();
    let second = record.views[1].number.to_string();
    let path = folder.path().join("two.iso");
    fs::write(&path, &bytes).unwrap();
    let little = fixture(LITTLE);
    let compare = |more: &[&str]| selfsame(&[&["compare", text(&path), text(&little), "--ppi", "500"], more].concat());
    assert_eq!(compare(&[]).status.code(), Some(3));
    assert_eq!(compare(&["--view", &second]).status.code(), Some(0), "{}", said(&compare(&["--view", &second])));
    // The choice is about the file of several, whichever of the two it is.
    let one = folder.path().join("one.iso");
    fs::write(&one, encode(&Templates::from_templates(&both[1..]), TemplateFormat::Iso2005).0).unwrap();
    for choice in [["--view", &second], ["--place", "1"]] {
        let output = selfsame(&[&["compare", text(&one), text(&path)], &choice[..]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    bytes.resize(4096, 0);
    fs::write(&path, &bytes).unwrap();
    let strict = compare(&["--view", &second]);
    assert!(strict.status.code() == Some(3) && said(&strict).contains("lenient"), "{}", said(&strict));
    let lenient = compare(&["--view", &second, "--lenient"]);
    assert!(lenient.status.code() == Some(0) && said(&lenient).contains("padding"), "{}", said(&lenient));
}

#[test]
fn half_a_jpeg_ends_nowhere_in_a_gallery_or_a_template() {
    let folder = tempfile::tempdir().unwrap();
    let image = image::open(fixture(THUMB)).unwrap().into_luma8();
    let mut jpeg = Vec::new();
    image.write_with_encoder(image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90)).unwrap();
    let (path, out) = (folder.path().join("half.jpg"), folder.path().join("half.ssft"));
    for share in [3, 5, 7, 9] {
        fs::write(&path, &jpeg[..jpeg.len() * share / 10]).unwrap();
        let output = selfsame(&["extract", text(&path), "--ppi", "500", "-o", text(&out)]);
        assert!(output.status.code() == Some(3) && said(&output).contains("incomplete"), "{}", said(&output));
        assert!(!out.exists());
    }
}

#[test]
fn enrollment_takes_the_finger_that_was_named_or_each_as_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (path, door, key) = (folder.path().join("two.an2"), folder.path().join("door"), folder.path().join("key"));
    fs::write(&path, two_fingers(500.0)).unwrap();
    let made = selfsame(&["gallery", "create", text(&door), "--key-file", text(&key)]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let enroll = |who: &str, more: &[&str]| {
        selfsame(&[&["gallery", "enroll", text(&door), who, text(&path), "--key-file", text(&key)], more].concat())
    };
    assert_eq!(enroll("nobody", &["--position", "left-index"]).status.code(), Some(3));
    let little = enroll("ada", &["--position", "left-little"]);
    assert_eq!(little.status.code(), Some(0), "{}", said(&little));
    let verify = |who: &str, print: &str, position: &str| {
        let print = fixture(print);
        let options = ["--position", position, "--ppi", "500", "--key-file", text(&key)];
        let output = selfsame(&[&["gallery", "verify", text(&door), who, text(&print)], &options[..]].concat());
        output.status.code().unwrap_or_else(|| panic!("{}", said(&output)))
    };
    assert_eq!((verify("ada", LITTLE, "left-little"), verify("ada", THUMB, "left-little")), (0, 1));
    // Without a word of the user, each print of the file is enrolled as the finger it names.
    let both = enroll("bo", &[]);
    assert_eq!(both.status.code(), Some(0), "{}", said(&both));
    assert_eq!((verify("bo", LITTLE, "left-little"), verify("bo", THUMB, "right-thumb")), (0, 0));
    assert_eq!(verify("bo", THUMB, "left-little"), 1);
    // A probe is one print.
    let probe = ["gallery", "identify", text(&door), text(&path), "--key-file", text(&key)];
    assert_eq!(selfsame(&probe).status.code(), Some(3), "{}", said(&selfsame(&probe)));
}

#[test]
fn a_resolution_that_no_finger_fits_is_refused_with_what_fits() {
    let folder = tempfile::tempdir().unwrap();
    let (print, out) = (fixture(THUMB), folder.path().join("out.ssft"));
    let extract = |ppi: &str, more: &[&str]| {
        selfsame(&[&["extract", text(&print), "--ppi", ppi, "-o", text(&out), "--force"], more].concat())
    };
    let refused = extract("1200", &[]);
    let told = said(&refused);
    assert_eq!(refused.status.code(), Some(4), "{told}");
    assert!(told.contains("no finger has") && told.contains("ppi, not 1200") && told.contains("--unchecked"), "{told}");
    assert!(!out.exists());
    // Believed when asked to, whatever comes of it.
    let believed = extract("1200", &["--unchecked"]);
    assert!(!said(&believed).contains("no finger has"), "{}", said(&believed));
    let right = extract("500", &[]);
    assert_eq!((right.status.code(), said(&right).contains("doubtful")), (Some(0), false), "{}", said(&right));
}

#[test]
fn inspect_shows_what_an_image_states_and_what_its_ridges_fit() {
    let shown = selfsame(&["inspect", text(&fixture(THUMB)), "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    let picture = &told["pictures"][0];
    let fits: Vec<f64> = picture["ridges"]["likely_ppi"].as_array().unwrap().iter().flat_map(|v| v.as_f64()).collect();
    assert!(fits[0] <= 500.0 && 500.0 <= fits[1], "{fits:?}");
    assert_eq!(
        (picture["width"].as_u64(), told["format"].as_str()),
        (Some(u64::from(gray(THUMB).width())), Some("image"))
    );

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.an2");
    fs::write(&path, two_fingers(150.0)).unwrap();
    let shown = said(&selfsame(&["inspect", text(&path)]));
    assert_eq!(shown.matches("not what it states").count(), 2, "{shown}");
}

#[test]
fn a_slap_is_not_one_finger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slap.png");
    let (a, b) = (gray(THUMB), gray(LITTLE));
    let (width, height) = (a.width() + b.width(), a.height().max(b.height()));
    let mut pixels = vec![255u8; (width * height) as usize];
    for (picture, left) in [(&a, 0), (&b, a.width() as usize)] {
        for (line, from) in picture.pixels().chunks_exact(picture.width() as usize).enumerate() {
            pixels[line * width as usize + left..][..from.len()].copy_from_slice(from);
        }
    }
    fs::write(&path, Gray8::new(width, height, pixels).unwrap().to_png().unwrap()).unwrap();
    let refused = selfsame(&["compare", text(&path), text(&fixture(THUMB)), "--ppi", "500"]);
    assert_eq!(refused.status.code(), Some(4), "{}", said(&refused));
    assert!(
        said(&refused).contains("2 or more prints") && said(&refused).contains("--unchecked"),
        "{}",
        said(&refused)
    );
}
