/// @file
/// The whole test framework: TEST defines a case, CHECK and CHECK_EQ count failures, main is here.
#pragma once

#include <cstdio>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace predis::test {

struct Case {
  const char* name;
  std::function<void()> body;
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

inline int& failures() {
  static int count = 0;
  return count;
}

inline void fail(const char* file, int line, const std::string& what) {
  // A loop that fails a million times says so ten times.
  if (++failures() <= 10) std::printf("# %s:%d: %s\n", file, line, what.c_str());
}

template <typename A, typename B>
void checkEqual(const char* file, int line, const char* text, const A& got, const B& expected) {
  if (got == expected) return;
  std::ostringstream message;
  message << text << ": got " << got << ", expected " << expected;
  fail(file, line, message.str());
}

struct Registrar {
  Registrar(const char* name, std::function<void()> body) { cases().push_back({name, std::move(body)}); }
};

/// Runs the cases whose names begin with `prefix`, one TAP-like line each. @return the exit status, 2 when
/// there is no such case
inline int runAll(std::string_view prefix = "") {
  int failedCases = 0;
  bool any = false;
  for (const Case& test : cases()) {
    if (!std::string_view(test.name).starts_with(prefix)) continue;
    any = true;
    failures() = 0;
    test.body();
    std::printf("%s - %s\n", failures() == 0 ? "ok" : "not ok", test.name);
    std::fflush(stdout);
    failedCases += failures() != 0;
  }
  if (!any) return 2;
  return failedCases == 0 ? 0 : 1;
}

}  // namespace predis::test

#define PREDIS_JOIN2(a, b) a##b
#define PREDIS_JOIN(a, b) PREDIS_JOIN2(a, b)
#define TEST(name)                                                                                          \
  static void PREDIS_JOIN(test, __LINE__)();                                                                \
  static const predis::test::Registrar PREDIS_JOIN(registrar, __LINE__){name, PREDIS_JOIN(test, __LINE__)}; \
  static void PREDIS_JOIN(test, __LINE__)()
#define CHECK(condition)                                                          \
  do {                                                                            \
    if (!(condition)) predis::test::fail(__FILE__, __LINE__, "not: " #condition); \
  } while (false)
#define CHECK_EQ(got, expected) predis::test::checkEqual(__FILE__, __LINE__, #got, got, expected)
