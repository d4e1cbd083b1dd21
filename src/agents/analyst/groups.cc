#include "agents/analyst/groups.h"

#include <algorithm>
#include <cmath>

#include "agents/analyst/statistics.h"

namespace firn::agents {
namespace {

// Sums of many groups' rows.
struct Pool {
  double count = 0;
  double sum = 0;
  double squares = 0;  // about zero

  void add(const Group& group) {
    count += group.count;
    sum += group.count * group.mean;
    squares +=
        std::max(0.0, group.count - 1) * group.variance + group.count * group.mean * group.mean;
  }
  Pool without(const Group& group) const {
    Pool rest = *this;
    Pool one;
    one.add(group);
    rest.count -= one.count;
    rest.sum -= one.sum;
    rest.squares -= one.squares;
    return rest;
  }
  double mean() const { return count > 0 ? sum / count : 0; }
  double variance() const {
    if (count < 2) return 0;
    return std::max(0.0, (squares - sum * sum / count) / (count - 1));
  }
};

double welch_p(const Group& group, const Pool& rest) {
  const double a = group.variance / group.count;
  const double b = rest.variance() / rest.count;
  if (a + b <= 0) return group.mean == rest.mean() ? 1 : 0;
  const double t = (group.mean - rest.mean()) / std::sqrt(a + b);
  const double degrees = (a + b) * (a + b) / (a * a / (group.count - 1) + b * b / (rest.count - 1));
  return student_p(t, degrees);
}

// Welch 1951: groups may scatter differently.
double welch_anova_p(const std::vector<Group>& groups) {
  const double k = static_cast<double>(groups.size());
  double weights = 0;
  double weighted = 0;
  for (const auto& group : groups) {
    const double w = group.count / group.variance;
    weights += w;
    weighted += w * group.mean;
  }
  const double middle = weighted / weights;
  double between = 0;
  double correction = 0;
  for (const auto& group : groups) {
    const double w = group.count / group.variance;
    between += w * (group.mean - middle) * (group.mean - middle);
    correction += (1 - w / weights) * (1 - w / weights) / (group.count - 1);
  }
  between /= k - 1;
  const double f = between / (1 + 2 * (k - 2) / (k * k - 1) * correction);
  return fisher_p(f, k - 1, (k * k - 1) / (3 * correction));
}

}  // namespace

Effect effect_of(const std::vector<Group>& groups, double rows_min) {
  Effect effect;
  Pool all;
  Pool small;
  std::vector<Group> tested;
  for (const auto& group : groups) {
    if (group.count <= 0) continue;
    all.add(group);
    if (group.count < rows_min) {
      small.add(group);
    } else {
      tested.push_back(group);
    }
  }
  if (small.count >= rows_min) tested.push_back({"", small.count, small.mean(), small.variance()});
  effect.count = all.count;
  effect.mean = all.mean();
  double within = 0;
  for (const auto& group : tested) within += (group.count - 1) * group.variance;
  const double k = static_cast<double>(tested.size());
  if (k < 2 || all.count - k < 1) return effect;
  const double within_mean = within / (all.count - k);
  effect.deviation = std::sqrt(within_mean);
  const double total_mean = all.variance();
  effect.explained = total_mean > 0 ? std::max(0.0, 1 - within_mean / total_mean) : 0;
  const bool constant =
      std::any_of(tested.begin(), tested.end(), [](const Group& g) { return g.variance <= 0; });
  if (constant) {
    // A group whose values are all equal has no weight of Welch's: the classic test then.
    const double total = total_mean * (all.count - 1);
    const double f = within > 0 ? ((total - within) / (k - 1)) / within_mean : 0;
    effect.p = within > 0 ? fisher_p(f, k - 1, all.count - k) : (total > 0 ? 0 : 1);
  } else {
    effect.p = welch_anova_p(tested);
  }
  for (size_t i = 0; i < groups.size(); ++i) {
    const Group& group = groups[i];
    if (group.count < rows_min || all.count - group.count < rows_min) continue;
    const Pool rest = all.without(group);
    GroupEffect one;
    one.group = i;
    one.difference = group.mean - rest.mean();
    one.standardized = effect.deviation > 0 ? one.difference / effect.deviation : 0;
    one.p = welch_p(group, rest);
    effect.groups.push_back(one);
  }
  std::sort(effect.groups.begin(), effect.groups.end(),
            [](const GroupEffect& a, const GroupEffect& b) {
              return std::abs(a.difference) > std::abs(b.difference);
            });
  return effect;
}

}  // namespace firn::agents
