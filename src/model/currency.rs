//! The currencies of ISO 4217, so that a mistyped code is told when it is written.

/// The codes in use, and those withdrawn since 1999, which budgets of those years are in; as of 1 November 2026. Codes of metals, of funds
/// and of tests are no money of a budget.
const CODES: &str = "\
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP \
    CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES \
    KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR \
    NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP \
    TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZAR ZMW ZWG \
    AFA AOR ATS AZM BEF BYB BYR CSD CUC CYP DEM EEK ESP FIM FRF GHC GRD GWP HRK IEP ITL LTL LUF LVL MGF MRO MTL MZM NLG PTE ROL RUR SDD SIT \
    SKK SLL SRG STD TJR TMM TPE TRL USS VEB VEF XEU YUM ZMK ZWD ZWL ZWN ZWR";

/// Whether a code is that of a currency.
pub fn is_currency(code: &str) -> bool {
    code.len() == 3 && CODES.split_ascii_whitespace().any(|known| known == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_list_and_nothing_that_looks_like_one() {
        for code in ["EUR", "CAD", "USD", "BEF", "NLG", "CHF", "JPY", "XOF"] {
            assert!(is_currency(code), "{code}");
        }
        for code in ["FTE", "EURO", "eur", "XYZ", "XAU", "CLF", "XTS", "", "R U", "EUR CAD"] {
            assert!(!is_currency(code), "{code}");
        }
        assert!(
            CODES
                .split_ascii_whitespace()
                .all(|code| code.len() == 3 && code.bytes().all(|it| it.is_ascii_uppercase()))
        );
    }
}
