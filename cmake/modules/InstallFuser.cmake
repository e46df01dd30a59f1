# What is installed, by component, and how packages are made of it.
#
#   c        the shared library, fuser.h, fuser.pc
#   runtime  the C++ runtime: its archive and headers
#   tools    fuser-opt, fuser-runner
#   package  find_package(Fuser), licences
#   bundle   Abseil's shared libraries beside ours, for machines without them;
#            only if it is named

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(FUSER_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/Fuser")
set(FUSER_DOC_DIR "${CMAKE_INSTALL_DATADIR}/doc/fuser")

# ---- the C library -----------------------------------------------------------
set_target_properties(FuserC PROPERTIES
  EXPORT_NAME c
  INSTALL_RPATH "$ORIGIN" INSTALL_RPATH_USE_LINK_PATH OFF)
install(TARGETS FuserC EXPORT FuserTargets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  COMPONENT c NAMELINK_COMPONENT c
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES include/fuser-c/fuser.h COMPONENT c
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/fuser-c")
file(RELATIVE_PATH FUSER_PREFIX_FROM_PC
  "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/package/fuser.pc.in cmake/fuser.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/cmake/fuser.pc" COMPONENT c
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

install(CODE "
  file(GET_RUNTIME_DEPENDENCIES LIBRARIES \"$<TARGET_FILE:FuserC>\"
    RESOLVED_DEPENDENCIES_VAR libraries
    PRE_INCLUDE_REGEXES libabsl_ PRE_EXCLUDE_REGEXES .*)
  file(INSTALL \${libraries} FOLLOW_SYMLINK_CHAIN
    DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}\")"
  COMPONENT bundle EXCLUDE_FROM_ALL)

# ---- the C++ runtime ---------------------------------------------------------
set_target_properties(FuserRuntime PROPERTIES EXPORT_NAME runtime)
install(TARGETS FuserRuntime EXPORT FuserTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY include/FuserMath include/FuserRuntime COMPONENT runtime
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

# ---- tools -------------------------------------------------------------------
install(TARGETS fuser-opt fuser-runner
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT tools)

# ---- the CMake package -------------------------------------------------------
install(EXPORT FuserTargets NAMESPACE Fuser:: COMPONENT package
  DESTINATION "${FUSER_PACKAGE_DIR}")
configure_package_config_file(cmake/package/FuserConfig.cmake.in
  cmake/FuserConfig.cmake INSTALL_DESTINATION "${FUSER_PACKAGE_DIR}")
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/cmake/FuserConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/cmake/FuserConfig.cmake"
  "${PROJECT_BINARY_DIR}/cmake/FuserConfigVersion.cmake" COMPONENT package
  DESTINATION "${FUSER_PACKAGE_DIR}")
install(FILES LICENSE COMPONENT package DESTINATION "${FUSER_DOC_DIR}")
# Of what the library contains, and the bundle.
install(FILES /usr/share/doc/libmlir-22-dev/copyright COMPONENT package
  DESTINATION "${FUSER_DOC_DIR}" RENAME LICENSE.llvm OPTIONAL)
install(FILES /usr/share/doc/libabsl-dev/copyright COMPONENT package
  DESTINATION "${FUSER_DOC_DIR}" RENAME LICENSE.abseil OPTIONAL)

# ---- packages ----------------------------------------------------------------
set(CPACK_PACKAGE_NAME fuser)
set(CPACK_PACKAGE_VENDOR fuser)
set(CPACK_PACKAGE_CONTACT "fuser")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Compiles and runs tensor programs")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR TGZ DEB)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What its headers include.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libdlpack-dev, libabsl-dev, libtbb-dev")
set(CPACK_PROJECT_CONFIG_FILE
    "${PROJECT_SOURCE_DIR}/cmake/package/CPackOptions.cmake")
include(CPack)
