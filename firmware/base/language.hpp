// The languages that the panel speaks; web/i18n has the words, and is checked against this list through the API's types.
#pragma once

#include <boost/describe/enum.hpp>

namespace berth {

enum class Language { en, de, pl };
BOOST_DESCRIBE_ENUM(Language, en, de, pl)

}  // namespace berth
