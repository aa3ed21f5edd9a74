#include "suites.h"
CU_TestInfo depends_tests[] = {CU_TEST_INFO_NULL};
