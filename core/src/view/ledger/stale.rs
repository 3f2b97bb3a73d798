//! Which records of a partition are to be judged anew: what changes mostly concerns those that were sent last, and a
//! partition has thousands.
//!
//! Records of a partition have places in the order of sending. Who changes a record tells its number, or the lowest
//! offset from which on something is otherwise; all from the first such place on are judged anew. A log that only
//! grows puts no record behind one that was there, so those before it stay what they are, but for the odd ones.

/// What is stale.
#[derive(Clone, Debug, Default)]
pub(super) struct Stale {
    /// Something has changed.
    is_stale: bool,
    /// The place from which on all are judged anew.
    from: usize,
    /// Places before it of records with a remark, or passed by a group that has not worked on them: what is said of
    /// them is told by more than their offsets, such as the lives of consumers.
    odd: Vec<usize>,
    /// For each place the greatest offset that its record or one before it has ever had.
    reach: Vec<i64>,
    /// For each number a place that is not behind the first record of that number.
    first: Vec<usize>,
}

impl Stale {
    /// Something is otherwise that only the odd ones depend on.
    pub(super) fn odd_ones(&mut self) {
        self.is_stale = true;
    }

    /// Everything may be otherwise.
    pub(super) fn all(&mut self) {
        (self.is_stale, self.from) = (true, 0);
    }

    /// Records that have ever lain at this offset or behind it.
    pub(super) fn offset(&mut self, offset: i64) {
        self.is_stale = true;
        self.from = self.from.min(self.reach.partition_point(|reach| *reach < offset));
    }

    /// Records of this number. It may be one that nobody is known to have sent.
    pub(super) fn number(&mut self, number: u32) {
        self.is_stale = true;
        self.from = self.first.get(number as usize).map_or(self.from, |first| self.from.min(*first));
    }

    /// A record of this number has been put at a place.
    pub(super) fn placed(&mut self, place: usize, number: u32) {
        let number = number as usize;
        // Those that had the places behind it have greater ones now: that they are not behind still holds.
        self.first.resize(self.first.len().max(number + 1), usize::MAX);
        self.first[number] = self.first[number].min(place);
        (self.is_stale, self.from) = (true, self.from.min(place));
    }

    /// The place from which on all are to be judged, and the odd ones before it; none if all are as they were. What is
    /// found is told of each, in the order of places.
    pub(super) fn take(&mut self) -> Option<(usize, Vec<usize>)> {
        if !std::mem::take(&mut self.is_stale) {
            return None;
        }
        let from = std::mem::replace(&mut self.from, usize::MAX);
        self.reach.truncate(from);
        let mut odd = std::mem::take(&mut self.odd);
        odd.retain(|place| *place < from);
        Some((from, odd))
    }

    /// The record at a place has been judged.
    pub(super) fn judged(&mut self, place: usize, reach: i64, is_odd: bool) {
        if place == self.reach.len() {
            let before = self.reach.last().copied();
            self.reach.push(before.map_or(reach, |before| before.max(reach)));
        }
        if is_odd {
            self.odd.push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Judges what is stale: the records have these offsets, and these places are odd.
    fn judge(stale: &mut Stale, reach: &[i64], odd: &[usize]) -> Option<Vec<usize>> {
        let (from, before) = stale.take()?;
        let places: Vec<usize> = before.into_iter().chain(from.min(reach.len())..reach.len()).collect();
        places.iter().for_each(|place| stale.judged(*place, reach[*place], odd.contains(place)));
        Some(places)
    }

    #[test]
    fn only_what_may_be_otherwise_is_judged_anew() {
        let mut stale = Stale::default();
        assert_eq!(judge(&mut stale, &[], &[]), None);
        for (place, number) in [4, 5, 4, 6].into_iter().enumerate() {
            stale.placed(place, number);
        }
        let (reach, odd) = ([10, 12, 11, i64::MIN], [1]);
        assert_eq!(judge(&mut stale, &reach, &odd), Some(vec![0, 1, 2, 3]));
        assert_eq!(judge(&mut stale, &reach, &odd), None, "nothing has changed");
        let mut asked = |tell: &dyn Fn(&mut Stale)| {
            tell(&mut stale);
            judge(&mut stale, &reach, &odd)
        };
        assert_eq!(asked(&Stale::odd_ones), Some(vec![1]));
        assert_eq!(asked(&|stale| stale.number(6)), Some(vec![1, 3]));
        assert_eq!(asked(&|stale| stale.number(4)), Some(vec![0, 1, 2, 3]), "the first of this number");
        assert_eq!(asked(&|stale| stale.number(99)), Some(vec![1]), "nobody is known to have sent it");
        assert_eq!(asked(&|stale| stale.offset(11)), Some(vec![1, 2, 3]), "behind one that reaches as far");
        assert_eq!(asked(&|stale| stale.offset(13)), Some(vec![1]));
        assert_eq!(asked(&|stale| stale.placed(2, 7)), Some(vec![1, 2, 3]), "sent before others, told later");
        assert_eq!(asked(&Stale::all), Some(vec![0, 1, 2, 3]));
    }
}
