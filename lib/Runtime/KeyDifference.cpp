//===- KeyDifference.cpp - what is new in the key of a kernel -------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyDifference.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <algorithm>
#include <map>

namespace fuser::runtime {

/// How many differences a text lists.
static constexpr std::size_t kMaxListed = 4;

namespace {
using Nest = ArgSpec::Nest;

/// Compares two argument specs, nest by nest.
class Comparison {
public:
  Comparison(const ArgSpec &before, const ArgSpec &now)
      : before(before), now(now) {}

  std::vector<std::string> run();

private:
  template <class... Parts> void add(const Parts &...parts) {
    std::string text = absl::StrCat(parts...);
    // Several nests may say the same of a leaf.
    if (std::find(texts.begin(), texts.end(), text) == texts.end())
      texts.push_back(std::move(text));
  }
  void changed(absl::string_view what, absl::string_view from,
               absl::string_view to) {
    if (from != to)
      add(what, " ", from, " -> ", to);
  }
  void comparePieces();
  void compareNests(const Nest &old, const Nest &now);
  void compareLoops();

  const ArgSpec &before, &now;
  /// The nest of each piece, on both sides; an empty piece is in none.
  std::map<int32_t, int32_t> nestBefore, nestNow;
  std::vector<std::string> texts;
};
} // namespace

static std::string deviceName(Device device) {
  return device.index == 0
             ? std::string(deviceTypeName(device.type))
             : absl::StrCat(deviceTypeName(device.type), ":", device.index);
}

static std::map<int32_t, int32_t> nestOfPieces(const ArgSpec &spec) {
  std::map<int32_t, int32_t> result;
  for (std::size_t nest = 0; nest < spec.nests().size(); ++nest)
    for (int32_t piece : spec.nests()[nest].pieces)
      result[piece] = static_cast<int32_t>(nest);
  return result;
}

/// Which pieces are computed, and which of them together.
void Comparison::comparePieces() {
  for (const auto &[piece, nest] : nestBefore)
    if (!nestNow.count(piece))
      add("piece ", piece, ": has no elements any more");
  for (const auto &[piece, nest] : nestNow)
    if (!nestBefore.count(piece))
      add("piece ", piece, ": has elements now");
  // Each piece with the next one of its nest, for linear cost.
  auto comparePairs = [this](const ArgSpec &spec, const auto &others,
                             const char *what) {
    for (const Nest &nest : spec.nests())
      for (std::size_t i = 1; i < nest.pieces.size(); ++i) {
        const auto first = others.find(nest.pieces[i - 1]);
        const auto second = others.find(nest.pieces[i]);
        if (first != others.end() && second != others.end() &&
            first->second != second->second)
          add("nests: pieces ", first->first, " and ", second->first, what);
      }
  };
  comparePairs(before, nestNow, " no longer have one shape");
  comparePairs(now, nestBefore, " now have one shape");
}

/// "s" or, for indices, "is".
static std::string operandClass(const Nest &nest, std::size_t operand) {
  const bool isIndex = operand < nest.leaves.size() && nest.isIndex[operand];
  return absl::StrCat(isIndex ? "i" : "", strideClassName(nest.inner[operand]));
}

/// Of operands only those that both nests have.
void Comparison::compareNests(const Nest &old, const Nest &nest) {
  changed(now.nests().size() == 1
              ? "rank"
              : absl::StrCat("nest of piece ", nest.pieces.front(), ": rank"),
          absl::StrCat(old.rank), absl::StrCat(nest.rank));
  const auto compare = [&](const char *what, const auto &oldIds,
                           const auto &newIds, std::size_t oldFirst,
                           std::size_t newFirst) {
    for (std::size_t i = 0; i < newIds.size(); ++i) {
      // Ids ascend.
      const auto found =
          std::lower_bound(oldIds.begin(), oldIds.end(), newIds[i]);
      if (found != oldIds.end() && *found == newIds[i])
        changed(absl::StrCat(what, " ", newIds[i], ": inner stride class"),
                operandClass(old, oldFirst + (found - oldIds.begin())),
                operandClass(nest, newFirst + i));
    }
  };
  compare("leaf", old.leaves, nest.leaves, 0, 0);
  compare("store of piece", old.pieces, nest.pieces, old.leaves.size(),
          nest.leaves.size());
}

/// How loops store, and which nests share one; each piece with the next one of
/// another nest.
void Comparison::compareLoops() {
  const Nest *lastOld = nullptr, *lastNew = nullptr;
  int32_t lastPiece = -1;
  for (const auto &[piece, number] : nestNow) {
    const auto found = nestBefore.find(piece);
    if (found == nestBefore.end())
      continue;
    const Nest &old = before.nests()[found->second];
    const Nest &nest = now.nests()[number];
    if (before.nonTemporal()[old.loop] != now.nonTemporal()[nest.loop])
      add("piece ", piece,
          now.nonTemporal()[nest.loop]
              ? ": stores bypass the caches"
              : ": stores no longer bypass the caches");
    if (before.isVectorAligned()[old.loop] != now.isVectorAligned()[nest.loop])
      add("piece ", piece,
          now.isVectorAligned()[nest.loop] ? ": vectors are aligned"
                                           : ": vectors are not aligned");
    const bool areApart = lastOld && lastOld != &old && lastNew != &nest;
    if (areApart && (lastOld->loop == old.loop) != (lastNew->loop == nest.loop))
      add("loops: pieces ", lastPiece, " and ", piece,
          lastNew->loop == nest.loop ? " now share a loop over rows"
                                     : " no longer share a loop over rows");
    lastOld = &old;
    lastNew = &nest;
    lastPiece = piece;
  }
}

std::vector<std::string> Comparison::run() {
  if (before == now)
    return {};
  changed("device", deviceName(before.device()), deviceName(now.device()));
  nestBefore = nestOfPieces(before);
  nestNow = nestOfPieces(now);
  comparePieces();
  for (const Nest &nest : now.nests())
    if (auto old = nestBefore.find(nest.pieces.front());
        old != nestBefore.end())
      compareNests(before.nests()[old->second], nest);
  compareLoops();
  if (texts.empty())
    add("order: nests or loops run in another order");
  return std::move(texts);
}

std::vector<std::string> keyDifferences(const ArgSpec &before,
                                        const ArgSpec &now) {
  return Comparison(before, now).run();
}

std::string whatIsNew(absl::Span<const ArgSpec> earlier, const ArgSpec &now) {
  if (earlier.empty())
    return "first kernel of this group";
  std::vector<std::string> nearest;
  for (std::size_t i = earlier.size(); i-- > 0;) {
    std::vector<std::string> differences = keyDifferences(earlier[i], now);
    if (differences.empty())
      return "nothing: there was an equal kernel, from another backend or "
             "dropped since";
    if (nearest.empty() || differences.size() < nearest.size())
      nearest = std::move(differences);
  }
  const std::size_t listed = std::min(nearest.size(), kMaxListed);
  std::string text =
      absl::StrJoin(nearest.begin(), nearest.begin() + listed, "; ");
  if (listed < nearest.size())
    absl::StrAppend(&text, "; and ", nearest.size() - listed, " more");
  return text;
}

} // namespace fuser::runtime
