// Holds the precompiled header; see AddFuser.cmake.
namespace fuser {
extern const int precompiledHeaders;
const int precompiledHeaders = 1;
} // namespace fuser
