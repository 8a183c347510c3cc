/// @file
/// Figures of the bench: each with the ceiling that bounds it, measured in the same run, and its targets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace predis::bench {

/// One row.
struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<double> ceiling = std::nullopt;  ///< In the same unit.
  std::string ceilingName = {};
  std::optional<double> must = std::nullopt, aim = std::nullopt;
  bool lessIsBetter = false;
  /// Results that were checked and right, of those that were counted; the rate is made of the right ones.
  std::uint64_t verified = 0, failed = 0;
};

/// Prints rows as they come, keeps them, and writes them as JSON in the end.
class Report {
 public:
  explicit Report(bool quiet) : quiet_(quiet) {}
  void add(Figure figure);
  void note(const std::string& text);
  /// The value of a figure that is there already, or nothing.
  [[nodiscard]] std::optional<double> valueOf(const std::string& name) const;
  [[nodiscard]] bool allVerified() const;
  /// @return false when the file cannot be written
  [[nodiscard]] bool writeJson(const std::string& path) const;
  void setFact(const std::string& name, const std::string& value) { facts_.emplace_back(name, value); }

 private:
  bool quiet_;
  std::vector<Figure> figures_;
  std::vector<std::pair<std::string, std::string>> facts_;
};

/// Percentile (nearest rank) of samples, which are sorted. @pre not empty
double percentile(std::vector<double>& samples, double percent);

}  // namespace predis::bench
