#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace predis::bench {

namespace {

std::string numberText(double value) {
  char text[40];
  std::snprintf(text, sizeof text, std::fabs(value) >= 1000 ? "%.0f" : "%.4g", value);
  return text;
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

}  // namespace

void Report::add(Figure figure) {
  if (!quiet_) {
    std::string line = "  " + figure.name;
    line.resize(std::max<std::size_t>(line.size() + 1, 66), ' ');
    line += numberText(figure.value) + " " + figure.unit;
    if (figure.ceiling.has_value() && *figure.ceiling > 0) {
      line.resize(std::max<std::size_t>(line.size() + 1, 84), ' ');
      char percent[40];
      std::snprintf(percent, sizeof percent, "%5.1f %% of ", 100 * figure.value / *figure.ceiling);
      line += percent + figure.ceilingName + " (" + numberText(*figure.ceiling) + ")";
    }
    if (figure.must.has_value()) {
      const bool met = figure.lessIsBetter ? figure.value <= *figure.must : figure.value >= *figure.must;
      line += std::string(met ? "  must met: " : "  MUST NOT MET: ") + numberText(*figure.must);
      if (figure.aim.has_value()) line += ", aim " + numberText(*figure.aim);
    }
    if (figure.failed != 0)
      line += "  WRONG RESULTS: " + std::to_string(figure.failed) + " of " +
              std::to_string(figure.failed + figure.verified);
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
  }
  figures_.push_back(std::move(figure));
}

void Report::note(const std::string& text) {
  if (!quiet_) std::printf("# %s\n", text.c_str());
  std::fflush(stdout);
}

std::optional<double> Report::valueOf(const std::string& name) const {
  for (const Figure& figure : figures_) {
    if (figure.name == name) return figure.value;
  }
  return std::nullopt;
}

bool Report::allVerified() const {
  return std::none_of(figures_.begin(), figures_.end(), [](const Figure& f) { return f.failed != 0; });
}

bool Report::writeJson(const std::string& path) const {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return false;
  std::fprintf(file, "{\n  \"bench\": \"gpu\",\n");
  for (const auto& [name, value] : facts_)
    std::fprintf(file, "  %s: %s,\n", quoted(name).c_str(), quoted(value).c_str());
  std::fprintf(file, "  \"figures\": [\n");
  for (std::size_t i = 0; i < figures_.size(); ++i) {
    const Figure& f = figures_[i];
    std::fprintf(file, "    {\"name\": %s, \"value\": %.8g, \"unit\": %s", quoted(f.name).c_str(), f.value,
                 quoted(f.unit).c_str());
    if (f.ceiling.has_value())
      std::fprintf(file, ", \"ceiling\": %.8g, \"ceilingName\": %s", *f.ceiling,
                   quoted(f.ceilingName).c_str());
    if (f.must.has_value()) std::fprintf(file, ", \"must\": %.8g", *f.must);
    if (f.aim.has_value()) std::fprintf(file, ", \"aim\": %.8g", *f.aim);
    std::fprintf(file, ", \"verified\": %llu, \"failed\": %llu}%s\n",
                 static_cast<unsigned long long>(f.verified), static_cast<unsigned long long>(f.failed),
                 i + 1 == figures_.size() ? "" : ",");
  }
  std::fprintf(file, "  ]\n}\n");
  return std::fclose(file) == 0;
}

double percentile(std::vector<double>& samples, double percent) {
  std::sort(samples.begin(), samples.end());
  const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(samples.size())));
  return samples[std::min(samples.size(), std::max<std::size_t>(rank, 1)) - 1];
}

}  // namespace predis::bench
