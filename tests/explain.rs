//! The explanation of a comparison: the same score, evidence that adds up, pairs that exist.

use selfsame::fingerprint::compare::explanation::{Aspect, Basis, Explanation, Overlap};
use selfsame::synth::TemplateGenerator;
use selfsame::{Comparator, Finger, FingerTemplate, Minutia, Score};

fn templates() -> Vec<FingerTemplate> {
    let made = TemplateGenerator::new(7);
    (0..4).flat_map(|finger| [made.reference(finger), made.probe(finger, 0), made.probe(finger, 1)]).collect()
}

#[test]
fn the_score_is_that_of_the_comparison_and_the_evidence_adds_up() {
    let comparator = Comparator::<Finger>::new();
    let (mut by_similarity, mut early) = (Vec::new(), 0);
    for (i, a) in templates().iter().enumerate() {
        for (j, b) in templates().iter().enumerate() {
            let explanation = comparator.explain(a, b);
            assert_eq!(explanation.score, comparator.compare_templates(a, b).unwrap(), "{i} {j}");
            let Some(similarity) = explanation.similarity else { continue };
            let sum = explanation.evidence.iter().fold(explanation.strangers, |sum, e| sum + e.contribution);
            assert!((sum - similarity).abs() < 1e-3 * (1.0 + similarity.abs()), "{sum} {similarity}");
            let aspects: f32 = Aspect::ALL.iter().map(|a| explanation.of_aspect(*a)).sum();
            assert!((aspects - (sum - explanation.strangers)).abs() < 1e-2, "{aspects} {sum}");
            match explanation.basis {
                Basis::Evidence => {
                    by_similarity.push((similarity, explanation.score));
                }
                Basis::EndedEarly => early += 1,
                Basis::FewMinutiae => {}
                other => panic!("{other:?}"),
            }
            if i / 3 == j / 3 {
                assert!(explanation.pairs.len() >= 5 && sum > explanation.strangers, "{i} {j}: {explanation:?}");
            }
        }
    }
    // One table turns similarities into scores.
    by_similarity.sort_by(|p, q| p.0.total_cmp(&q.0));
    assert!(by_similarity.is_sorted_by(|p, q| p.1 <= q.1), "{by_similarity:?}");
    assert!(by_similarity.len() > 20 && early > 2, "{} {early}", by_similarity.len());
}

#[test]
fn pairs_are_of_minutiae_that_lie_on_one_another_in_either_order() {
    let comparator = Comparator::<Finger>::new();
    let all = templates();
    for (a, b) in [(&all[0], &all[1]), (&all[1], &all[0]), (&all[4], &all[5]), (&all[2], &all[2])] {
        let found = comparator.explain(a, b);
        let alignment = found.alignment.unwrap();
        let mut used = (vec![0; a.minutiae().len()], vec![0; b.minutiae().len()]);
        for pair in &found.pairs {
            used.0[pair.probe] += 1;
            used.1[pair.reference] += 1;
            let (m, n) = (a.minutiae()[pair.probe], b.minutiae()[pair.reference]);
            let (x, y) = alignment.apply(n.x, n.y);
            // Without local stretch they are somewhat further apart.
            assert!((x - m.x).hypot(y - m.y) < 25.0, "{} {}", x - m.x, y - m.y);
            assert!(m.direction.difference(n.direction.turned(alignment.rotation)).abs() < 0.7);
            assert!((0.0..=11.0).contains(&pair.distance) && (0.0..=0.5).contains(&pair.angle));
            assert!((0.0..=1.0).contains(&pair.agreement) && (0.0..=1.0).contains(&pair.surroundings));
        }
        assert!(used.0.iter().chain(&used.1).all(|n| *n <= 1));
        assert!(found.pairs.is_sorted_by(|p, q| p.agreement >= q.agreement));
        assert!(found.overlap.minutiae.0.min(found.overlap.minutiae.1) >= found.pairs.len());
        for (p, q) in found.overlap.probe.iter().zip(&found.overlap.reference) {
            let (x, y) = alignment.apply(q.0, q.1);
            assert!((x - p.0).hypot(y - p.1) < 0.1);
        }
        let other = comparator.explain(b, a);
        let turned = |e: &Explanation| e.pairs.iter().map(|p| (p.reference, p.probe)).collect::<Vec<_>>();
        let mut there: Vec<_> = found.pairs.iter().map(|p| (p.probe, p.reference)).collect();
        let mut back = turned(&other);
        there.sort_unstable();
        back.sort_unstable();
        assert_eq!(there, back);
        assert_eq!(other.overlap.minutiae, (found.overlap.minutiae.1, found.overlap.minutiae.0));
    }
}

#[test]
fn a_print_with_more_minutiae_than_are_used_keeps_its_numbers() {
    let made = TemplateGenerator::new(3).reference(0);
    // Poor ones come first, at places of their own, and are left out.
    let poor = (0..96).map(|i| Minutia { x: i as f32, y: 1.0, quality: 1, ..made.minutiae()[0] });
    let many: Vec<_> = poor.chain(made.minutiae().iter().map(|m| Minutia { quality: 90, ..*m })).collect();
    let many = FingerTemplate::new(made.width(), made.height(), many).unwrap();
    let found = Comparator::<Finger>::new().explain(&many, &made);
    assert!(found.pairs.len() > 10);
    assert!(found.pairs.iter().all(|p| p.probe == p.reference + 96), "another minutia is named");
}

#[test]
fn nothing_is_explained_by_nothing() {
    let empty = FingerTemplate::new(10, 10, Vec::new()).unwrap();
    let found = Comparator::<Finger>::new().explain(&empty, &templates()[0]);
    assert_eq!((found.score, found.basis), (Score::ZERO, Basis::NothingInCommon));
    assert!(found.alignment.is_none() && found.similarity.is_none() && found.overlap == Overlap::default());
}
