//! Minutiae from the ends of ridge and valley skeletons.

use super::orientation::Field;
use super::params::{DIRECTION_FIELD, DIRECTION_SAMPLE, DIRECTION_SKIP, FIELD_ANGLE, SKELETON_SHORT};
use super::skeleton::Skeleton;
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::geometry::Angle;

/// An end of a skeleton, before rating.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    /// Position, direction and kind; the quality is not set yet.
    pub minutia: Minutia,
    /// Points of the line that ends here.
    pub length: usize,
    /// Deviation of the skeleton's direction from the orientation field, radians.
    pub deviation: f32,
}

/// Ends of a skeleton as minutiae of one kind: the ridges' ends are endings, the valleys' ends bifurcations.
///
/// The direction points back along the line. Its axis is the orientation field's, which is steadier than a few skeleton
/// points; the skeleton selects one of the two directions. Ends across the field are left out.
pub(super) fn collect(graph: &Skeleton, kind: MinutiaKind, field: &Field, out: &mut Vec<Candidate>) {
    for node in &graph.nodes {
        let [end] = node.ends[..] else { continue };
        let last = graph.length(end.ridge).saturating_sub(1);
        let from = graph.point(end, DIRECTION_SKIP);
        let to = graph.point(end, (DIRECTION_SKIP + DIRECTION_SAMPLE - 1).min(last));
        if from == to {
            continue;
        }
        let chord = Angle::from_radians(((from[1] - to[1]) as f32).atan2((to[0] - from[0]) as f32));
        let inside = graph.point(end, DIRECTION_FIELD.min(last));
        let axis = Angle::from_radians(field.at_pixel(inside[0] as f32, inside[1] as f32));
        let direction = if chord.difference(axis).abs() <= std::f32::consts::FRAC_PI_2 {
            axis
        } else {
            axis.turned(std::f32::consts::PI)
        };
        let deviation = chord.difference(direction).abs();
        if deviation > FIELD_ANGLE {
            continue;
        }
        let minutia = Minutia { x: node.position[0] as f32, y: node.position[1] as f32, direction, kind, quality: 0 };
        out.push(Candidate { minutia, length: last + 1, deviation });
    }
}

/// Moves minutiae from the ends of skeletons to the actual ends of ridges and valleys, inside the frame.
pub(super) fn settle(minutiae: &mut [Minutia], width: usize, height: usize) {
    for m in minutiae {
        let (sin, cos) = m.direction.radians().sin_cos();
        m.x = (m.x - SKELETON_SHORT * cos).clamp(0.0, (width - 1) as f32);
        m.y = (m.y + SKELETON_SHORT * sin).clamp(0.0, (height - 1) as f32);
    }
}
