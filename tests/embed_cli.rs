//! The command on folders of faces, with landmarks of a file or of a detector.
#![cfg(all(feature = "cli", feature = "onnx"))]

mod onnx;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use selfsame::format::npy::NpyRows;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_selfsame")).args(args).output().expect("runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a name")
}

fn write_picture(path: &Path, seed: usize) {
    let pixels = (0..3 * 150 * 150).map(|i| (i * (7 + seed) / 5 % 251) as u8);
    fs::write(path, b"P6 150 150 255\n".iter().copied().chain(pixels).collect::<Vec<u8>>()).unwrap();
}

const POINTS: &str = "50,60,92,58,72,84,55,108,90,107";

#[test]
fn a_folder_becomes_rows_and_bad_files_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let faces = at("faces");
    fs::create_dir(&faces).unwrap();
    for (seed, name) in ["a.ppm", "b.ppm", "c.ppm", "d.ppm"].into_iter().enumerate() {
        write_picture(&faces.join(name), seed);
    }
    fs::write(faces.join("e.ppm"), b"P6 150 150 255\nhalf of a picture").unwrap();
    fs::write(at("net.onnx"), onnx::tiny(128)).unwrap();
    let lines = ["a.ppm", "b", "c.ppm", "e.ppm"].map(|name| format!("{name},{POINTS}\n")).concat();
    fs::write(at("points.csv"), format!("name,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5\n{lines}")).unwrap();
    let pairs = "[[50,60],[92,58],[72,84],[55,108],[90,107]]";
    fs::write(at("points.json"), format!("{{\"a\": {pairs}, \"b.ppm\": [{POINTS}], \"c.ppm\": {pairs}}}")).unwrap();

    let (net, out, names) = (at("net.onnx"), at("out.npy"), at("names.txt"));
    let embed = |points: &Path, more: &[&str]| {
        let base = ["embed", text(&net), text(&faces), "--landmarks", text(points), "-o", text(&out), "--force"];
        run(&[&base[..], more].concat())
    };
    let output = embed(&at("points.csv"), &["--names", text(&names)]);
    assert_eq!(output.status.code(), Some(8), "{}", said(&output));
    assert!(said(&output).contains("no landmarks are said for it") && said(&output).contains("left out 2 of 5 files"));
    assert_eq!(fs::read_to_string(&names).unwrap(), "a.ppm\nb.ppm\nc.ppm\n");
    let first = fs::read(&out).unwrap();
    assert_eq!((NpyRows::new(&first).unwrap().rows(), NpyRows::new(&first).unwrap().columns()), (3, 128));
    let output = embed(&at("points.json"), &["--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((json["rows"].as_array().map(Vec::len), json["left_out_count"].as_u64()), (Some(3), Some(2)));
    assert_eq!(fs::read(&out).unwrap(), first);
    assert_ne!(embed(&at("points.json"), &["--strict"]).status.code(), Some(0));
    let one = run(&["embed", text(&net), text(&faces), "--landmarks", POINTS, "-o", text(&out), "--force"]);
    assert!(one.status.code() == Some(2) && said(&one).contains("a file with landmarks"), "{}", said(&one));
    for (bad, says) in [("a,1,2,3\n", "ten numbers"), ("name,x\na,1,y\n", "line 2"), ("{\"a\": 5", "JSON")] {
        fs::write(at("bad.csv"), bad).unwrap();
        let refused = embed(&at("bad.csv"), &[]);
        assert!(refused.status.code() != Some(0) && said(&refused).contains(says), "{}", said(&refused));
    }
}

#[test]
fn options_reach_the_model_and_its_outputs_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_picture(&at("a.ppm"), 1);
    let input = onnx::value("face", 1, &[1, 3, 112, 112].map(onnx::Side::Of));
    let of = |name: &str| onnx::value(name, 1, &[onnx::Side::Of(1), onnx::Side::Named("n")]);
    let square = [28u64; 2];
    let pool = [onnx::whole("kernel_shape", &square), onnx::whole("strides", &square)];
    let nodes = [onnx::node("AveragePool", &["face"], "cells", &pool), onnx::node("Flatten", &["cells"], "flat", &[])];
    let weights: Vec<f32> = (0..48 * 64).map(|i| (i * 37 % 23) as f32 - 11.0).collect();
    let weights = [onnx::tensor("weights", &[48, 64], &weights)];
    let more =
        [onnx::node("MatMul", &["flat", "weights"], "features", &[]), onnx::node("Relu", &["features"], "logits", &[])];
    let network = onnx::model(&[&nodes[..], &more].concat(), &weights, &[input], &[of("features"), of("logits")]);
    fs::write(at("net.onnx"), network).unwrap();
    let (net, picture, out) = (at("net.onnx"), at("a.ppm"), at("out.npy"));
    let base = ["embed", text(&net), text(&picture), "--landmarks", POINTS, "-o", text(&out), "--force"];
    let refused = run(&base);
    assert!(said(&refused).contains("--model-output: features, logits"), "{}", said(&refused));
    let chosen = |more: &[&str]| {
        let output = run(&[&base[..], &["--model-output", "features"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        fs::read(&out).unwrap()
    };
    let usual = chosen(&[]);
    assert_eq!(chosen(&["--mean", "127.5,127.5,127.5"]), usual);
    assert_ne!(chosen(&["--mean", "123.7,116.3,103.5", "--divisor", "58.4,57.1,57.4"]), usual);
    let refused = run(&[&base[..], &["--mean", "1,2"]].concat());
    assert!(refused.status.code() == Some(2) && said(&refused).contains("one number is needed, or three"));
    let refused = run(&[&base[..], &["--model-output", "features", "--side", "160"]].concat());
    assert!(said(&refused).contains("1 x 3 x 112 x 112"), "{}", said(&refused));
}
