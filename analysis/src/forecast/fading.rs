//! Provides a memory that fades: recent points are all kept, older ones the sparser the older they are,
//! so that any stretch that ends now holds enough of them, however long the run.

/// Beyond so many points the memory is thinned.
const MOST: usize = 2048;

/// Of a stretch that ends now, at least so many points are kept, evenly over the logarithm of their age.
/// 128 of them give some 1,200 points for five days at one a second.
const GRAIN: f64 = 128.0;

/// A point in time that may take an older one into itself.
pub(super) trait Moment {
    /// Run time, seconds.
    fn t_s(&self) -> f64;
    /// Takes in the point before it, which is forgotten.
    fn absorb(&mut self, older: &Self);
}

/// Points in order of run time.
#[derive(Clone, Debug)]
pub(super) struct Fading<T> {
    points: Vec<T>,
}

impl<T> Default for Fading<T> {
    fn default() -> Self {
        Self { points: Vec::new() }
    }
}

impl<T: Moment> Fading<T> {
    /// Puts a point at its place in time; nearly always that is the end.
    pub(super) fn push(&mut self, point: T) {
        let place = match self.points.last() {
            Some(last) if last.t_s() > point.t_s() => {
                self.points.partition_point(|other| other.t_s() <= point.t_s())
            }
            _ => self.points.len(),
        };
        self.points.insert(place, point);
        if self.points.len() > MOST {
            self.thin_out();
        }
    }

    /// What is left, in order of time.
    pub(super) fn all(&self) -> &[T] {
        &self.points
    }

    fn thin_out(&mut self) {
        let newest_s = self.points.last().map_or(0.0, Moment::t_s);
        let mut kept: Vec<T> = Vec::with_capacity(MOST);
        for point in self.points.drain(..).rev() {
            match kept.last_mut() {
                Some(last) if last.t_s() - point.t_s() < (newest_s - point.t_s()) / GRAIN => {
                    last.absorb(&point);
                }
                _ => kept.push(point),
            }
        }
        kept.reverse();
        self.points = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Moment for (f64, u64) {
        fn t_s(&self) -> f64 {
            self.0
        }

        fn absorb(&mut self, older: &Self) {
            self.1 += older.1;
        }
    }

    #[test]
    fn memory_stays_flat_and_every_recent_stretch_keeps_its_points() {
        let mut memory = Fading::default();
        let days: u64 = 5 * 86_400;
        for t in 0..days {
            memory.push((t as f64, 1));
        }
        assert!(memory.all().len() <= MOST, "{}", memory.all().len());
        assert_eq!(memory.all().iter().map(|p| p.1).sum::<u64>(), days, "nothing absorbed is lost");
        for back in [60.0, 600.0, 6_000.0, 60_000.0, 400_000.0] {
            let from = days as f64 - back;
            let within = memory.all().iter().filter(|p| p.0 >= from).count();
            assert!(within >= 59, "{within} points in the last {back} s");
        }
    }

    #[test]
    fn late_points_find_their_place() {
        let mut memory = Fading::default();
        for t in [3.0, 1.0, 2.0] {
            memory.push((t, 1));
        }
        let order: Vec<f64> = memory.all().iter().map(|p| p.0).collect();
        assert_eq!(order, [1.0, 2.0, 3.0]);
    }
}
