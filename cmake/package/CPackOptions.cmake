# Archives carry what Debian's package depends on by name.
if(CPACK_GENERATOR STREQUAL "TGZ")
  list(GET CPACK_INSTALL_CMAKE_PROJECTS 0 build)
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS
       "${build}" "${CPACK_PACKAGE_NAME}" bundle /)
endif()
