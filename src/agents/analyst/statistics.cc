#include "agents/analyst/statistics.h"

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>

namespace firn::agents {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kNormalOfMad = 1.4826;

}  // namespace

double quantile(std::vector<double> values, double at) {
  if (values.empty()) return kNan;
  const double rank = at * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(rank);
  const auto nth = values.begin() + static_cast<ptrdiff_t>(low);
  std::nth_element(values.begin(), nth, values.end());
  const double below = *nth;
  if (low + 1 == values.size()) return below;
  const double above = *std::min_element(nth + 1, values.end());
  return below + (rank - static_cast<double>(low)) * (above - below);
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

double mean(const std::vector<double>& values) {
  if (values.empty()) return kNan;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double robust_deviation(const std::vector<double>& values) {
  const double middle = median(values);
  std::vector<double> distances(values.size());
  std::transform(values.begin(), values.end(), distances.begin(),
                 [middle](double value) { return std::abs(value - middle); });
  return kNormalOfMad * median(std::move(distances));
}

double autocorrelation(const std::vector<double>& values, size_t lag) {
  double sum = 0;
  size_t count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  if (count < lag + 4) return 0;
  const double middle = sum / static_cast<double>(count);
  double together = 0;
  double alone = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    alone += (values[i] - middle) * (values[i] - middle);
    if (i + lag < values.size() && !std::isnan(values[i + lag])) {
      together += (values[i] - middle) * (values[i + lag] - middle);
    }
  }
  return alone > 0 ? together / alone : 0;
}

double normal_p(double z) {
  return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), std::abs(z)));
}

double student_p(double t, double degrees) {
  if (std::isnan(t) || degrees < 1) return 1;
  if (std::isinf(t)) return 0;
  return 2 *
         boost::math::cdf(boost::math::complement(boost::math::students_t(degrees), std::abs(t)));
}

double fisher_p(double f, double degrees_1, double degrees_2) {
  if (std::isnan(f) || degrees_1 < 1 || degrees_2 < 1 || f <= 0) return 1;
  if (std::isinf(f)) return 0;
  return boost::math::cdf(boost::math::complement(boost::math::fisher_f(degrees_1, degrees_2), f));
}

double correlation_p(double r, double n) {
  if (std::isnan(r) || n < 4) return 1;
  if (std::abs(r) >= 1) return 0;
  return normal_p(std::atanh(r) * std::sqrt(n - 3));
}

std::vector<double> adjusted_p(const std::vector<double>& p, size_t tests) {
  const size_t total = std::max(tests, p.size());
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size(), 1);
  double least = 1;
  for (size_t rank = order.size(); rank > 0; --rank) {
    const size_t at = order[rank - 1];
    least = std::min(least, p[at] * static_cast<double>(total) / static_cast<double>(rank));
    adjusted[at] = least;
  }
  return adjusted;
}

}  // namespace firn::agents
