#pragma once

#include <cstddef>
#include <vector>

// Robust statistics and tests. NaN in `values` is "missing" where a declaration says so; elsewhere
// values are finite. p-values are two-sided.
namespace firn::agents {

double median(std::vector<double> values);               // NaN of nothing
double quantile(std::vector<double> values, double at);  // at in 0..1, linear between ranks
double mean(const std::vector<double>& values);
// 1.4826 * median |x - median|: the standard deviation, for normal values.
double robust_deviation(const std::vector<double>& values);
// Correlation of each value with the one `lag` later; missing ones are left out. 0 of too few.
double autocorrelation(const std::vector<double>& values, size_t lag);

double normal_p(double z);
double student_p(double t, double degrees);
// P(F > f), one-sided.
double fisher_p(double f, double degrees_1, double degrees_2);
// Of a correlation coefficient over n pairs (Fisher's z).
double correlation_p(double r, double n);

// False-discovery-rate adjusted p-values (Benjamini and Hochberg 1995), in the order given, over
// `tests` tests, at least as many as there are values: those not given count as p = 1.
std::vector<double> adjusted_p(const std::vector<double>& p, size_t tests = 0);

}  // namespace firn::agents
